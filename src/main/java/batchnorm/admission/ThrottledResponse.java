package batchnorm.admission;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// The response to a [ThrottledRequest]. The processor permit is released while bytes are written.
/// A client that reads too slowly for the response's memory is disconnected.
final class ThrottledResponse extends HttpServletResponseWrapper {
    /// Bytes of one write, which bounds the interval between checks of the rate: as many as one
    /// system call moves.
    private static final int SLICE = 1 << 17;

    private final ThrottledRequest request;
    private final RequestLimits limits;
    private @Nullable Body body;

    ThrottledResponse(
            HttpServletResponse response, ThrottledRequest request, RequestLimits limits) {
        super(response);
        this.request = request;
        this.limits = limits;
    }

    @Override
    public ServletOutputStream getOutputStream() throws IOException {
        if (body == null) {
            request.resume(); // encoding computes
            body = new Body(super.getOutputStream());
        }
        return body;
    }

    private final class Body extends ServletOutputStream {
        private final ServletOutputStream out;
        private long written;

        /// Nanoseconds spent waiting for the client.
        private long waited;

        private Body(ServletOutputStream out) {
            this.out = out;
        }

        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            for (int from = 0; from < length; from += SLICE) {
                slice(bytes, offset + from, Math.min(SLICE, length - from));
            }
        }

        private void slice(byte[] bytes, int offset, int length) throws IOException {
            long start = System.nanoTime();
            try (AdmissionControl.Pause _ = request.pause()) {
                out.write(bytes, offset, length);
            }
            written += length;
            waited += System.nanoTime() - start;
            if (waited > limits.responseNanos(written, request.bytes())) {
                throw new IOException("the client reads too slowly");
            }
        }

        @Override
        public void flush() throws IOException {
            try (AdmissionControl.Pause _ = request.pause()) {
                out.flush();
            }
        }

        @Override
        public void close() throws IOException {
            try (AdmissionControl.Pause _ = request.pause()) {
                out.close();
            }
        }

        @Override
        public boolean isReady() {
            return out.isReady();
        }

        @Override
        public void setWriteListener(WriteListener listener) {
            out.setWriteListener(listener);
        }
    }
}
