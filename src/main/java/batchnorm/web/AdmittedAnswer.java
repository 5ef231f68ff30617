package batchnorm.web;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// The answer to an [AdmittedRequest]: while bytes are on their way to a client that may read
/// slowly, others compute.
final class AdmittedAnswer extends HttpServletResponseWrapper {
    private final AdmittedRequest request;
    private @Nullable Body body;

    AdmittedAnswer(HttpServletResponse response, AdmittedRequest request) {
        super(response);
        this.request = request;
    }

    @Override
    public ServletOutputStream getOutputStream() throws IOException {
        if (body == null) {
            request.resume(); // who has waited for others encodes an answer now
            body = new Body(super.getOutputStream());
        }
        return body;
    }

    private final class Body extends ServletOutputStream {
        private final ServletOutputStream out;

        private Body(ServletOutputStream out) {
            this.out = out;
        }

        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            try (Admission.Pause _ = request.pause()) {
                out.write(bytes, offset, length);
            }
        }

        @Override
        public void flush() throws IOException {
            try (Admission.Pause _ = request.pause()) {
                out.flush();
            }
        }

        @Override
        public void close() throws IOException {
            try (Admission.Pause _ = request.pause()) {
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
