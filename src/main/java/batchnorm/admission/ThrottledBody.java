package batchnorm.admission;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import java.io.IOException;
import java.util.concurrent.TimeoutException;

/// An admitted body that must arrive at a rate in proportion to its size. A slow body is complete
/// in bounded time or rejected. The processor permit is released while no byte is available.
final class ThrottledBody extends ServletInputStream {
    private final ServletInputStream body;
    private final long announced;
    private final AdmissionControl.Reservation reservation;
    private final RequestLimits limits;
    private long count;

    /// Nanoseconds spent waiting for the client.
    private long waited;

    /// @param announced bytes; negative for a chunked body
    ThrottledBody(
            ServletInputStream body,
            long announced,
            AdmissionControl.Reservation reservation,
            RequestLimits limits) {
        this.body = body;
        this.announced = announced;
        this.reservation = reservation;
        this.limits = limits;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        boolean isAvailable = body.available() > 0 || body.isFinished();
        long start = isAvailable ? 0 : System.nanoTime();
        int read;
        try (AdmissionControl.Pause _ =
                isAvailable ? AdmissionControl.Pause.NONE : reservation.pause()) {
            read = body.read(buffer, offset, length);
        } catch (IOException e) {
            if (e.getCause() instanceof TimeoutException) {
                throw new BodyTooSlow(count, announced, limits);
            }
            throw e;
        }
        count += Math.max(read, 0);
        waited += isAvailable ? 0 : System.nanoTime() - start;
        if (waited > limits.bodyNanos(count, announced)) {
            throw new BodyTooSlow(count, announced, limits);
        }
        reservation.cover(count);
        return read;
    }

    /// Returns the bytes that have arrived so far.
    long count() {
        return count;
    }

    @Override
    public boolean isFinished() {
        return body.isFinished();
    }

    @Override
    public boolean isReady() {
        return body.isReady();
    }

    @Override
    public void setReadListener(ReadListener listener) {
        body.setReadListener(listener);
    }
}
