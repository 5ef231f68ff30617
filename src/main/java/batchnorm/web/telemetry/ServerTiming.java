package batchnorm.web.telemetry;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.regex.Pattern;

/// Durations of the phases of one request, in milliseconds, for the header `Server-Timing` (W3C).
/// The phases are: reading and decoding the body, computing, committing the change, encoding the
/// response.
public final class ServerTiming {
    private static final String HEADER = "Server-Timing";
    private static final long NANOS_PER_MICRO = 1000;
    private static final Pattern COMMA = Pattern.compile("\\s*,\\s*");

    private long last = System.nanoTime();
    private long decode;
    private long compute;
    private long commit;
    private long encode;
    private boolean finished;

    /// Records that the body is decoded.
    public void decoded() {
        decode = lap();
    }

    /// Records the commit time within the next phase.
    public void committed(long nanos) {
        commit = nanos;
    }

    /// Records that the response is about to be encoded.
    ///
    /// @param streams whether the response is sent in chunks while it is encoded; the encoding time
    ///   is then a trailer, if the client reads trailers
    public void computed(
            HttpServletRequest request, HttpServletResponse response, boolean streams) {
        compute = Math.max(0, lap() - commit);
        response.setHeader(HEADER, text());
        if (streams && readsTrailers(request)) {
            response.setTrailerFields(
                    () -> finished ? Map.of(HEADER, metric("encode", encode)) : Map.of());
        }
    }

    /// Returns whether the client has sent `TE: trailers` (RFC 9110, 6.5.1). HTTP/1.0 has neither
    /// chunks nor trailers, and the container rejects trailers for it.
    private static boolean readsTrailers(HttpServletRequest request) {
        return !request.getProtocol().equals("HTTP/1.0")
                && Collections.list(request.getHeaders("TE")).stream()
                        .flatMap(value -> Arrays.stream(COMMA.split(value.strip())))
                        .anyMatch(coding -> coding.equalsIgnoreCase("trailers"));
    }

    /// Records that the response is encoded.
    public void encoded(HttpServletResponse response) {
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

    /// Formats milliseconds with three decimals. A formatter would take longer than normalizing a
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
