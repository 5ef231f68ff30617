package batchnorm.web;

import jakarta.servlet.http.HttpServletResponse;
import java.util.Map;

/// Where the time of one request went, as the `Server-Timing` header tells it (W3C), in
/// milliseconds: reading and decoding the body, computing, making the change durable, encoding the
/// answer.
final class ServerTiming {
    private static final String HEADER = "Server-Timing";
    private static final long NANOS_PER_MICRO = 1000;

    private long last = System.nanoTime();
    private long decode;
    private long compute;
    private long commit;
    private long encode;
    private boolean finished;

    /// The body has become a message.
    void decoded() {
        decode = lap();
    }

    /// So much of what comes next was spent on waiting for the store.
    void committed(long nanos) {
        commit = nanos;
    }

    /// The answer is known and about to be encoded.
    ///
    /// @param streams whether it will go out in chunks, before the end of encoding is known: that
    ///   then follows as a trailer
    void computed(HttpServletResponse response, boolean streams) {
        compute = Math.max(0, lap() - commit);
        response.setHeader(HEADER, text());
        if (streams) {
            response.setTrailerFields(
                    () -> finished ? Map.of(HEADER, metric("encode", encode)) : Map.of());
        }
    }

    /// The answer is encoded.
    void encoded(HttpServletResponse response) {
        encode = lap();
        finished = true;
        if (!response.isCommitted()) {
            response.setHeader(HEADER, text() + ", " + metric("encode", encode));
        }
    }

    long decode() {
        return decode;
    }

    long compute() {
        return compute;
    }

    long commit() {
        return commit;
    }

    long encode() {
        return encode;
    }

    private String text() {
        return metric("decode", decode)
                + ", "
                + metric("compute", compute)
                + ", "
                + metric("commit", commit);
    }

    /// Milliseconds with three decimals. Without a formatter, which took longer than to normalize a
    /// small batch.
    private static String metric(String name, long nanos) {
        long micros = (nanos + NANOS_PER_MICRO / 2) / NANOS_PER_MICRO;
        String decimals = Long.toString(1000 + micros % 1000).substring(1);
        return name + ";dur=" + micros / 1000 + '.' + decimals;
    }

    private long lap() {
        long now = System.nanoTime();
        long lap = now - last;
        last = now;
        return lap;
    }
}
