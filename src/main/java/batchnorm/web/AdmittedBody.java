package batchnorm.web;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import java.io.IOException;
import java.net.SocketTimeoutException;

/// A body that was admitted, and has to come at a pace: however steadily a byte a second trickles,
/// the whole is late at some point. While nothing of it is there, others compute.
final class AdmittedBody extends ServletInputStream {
    private final ServletInputStream body;
    private final Admission.Reservation reservation;
    private final RequestLimits limits;
    private final long start = System.nanoTime();
    private long count;

    AdmittedBody(ServletInputStream body, Admission.Reservation reservation, RequestLimits limits) {
        this.body = body;
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
        boolean isThere = body.available() > 0 || body.isFinished();
        int read;
        try (Admission.Pause _ = isThere ? Admission.Pause.NONE : reservation.pause()) {
            read = body.read(buffer, offset, length);
        } catch (SocketTimeoutException silence) {
            throw new BodyTooSlow(count, limits);
        }
        count += Math.max(read, 0);
        reservation.cover(count);
        if (System.nanoTime() - start > limits.bodyNanos(count)) {
            throw new BodyTooSlow(count, limits);
        }
        return read;
    }

    /// Bytes that have come so far.
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
