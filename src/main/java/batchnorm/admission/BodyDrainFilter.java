package batchnorm.admission;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/// Reads and discards what a handler left of a body, so that the client sees the response.
///
/// Most clients write the whole body before they read. A connection that is closed while bytes of
/// the body are unread is reset, and the reset discards the response at the client (RFC 9112, 9.6).
/// The response is flushed first, and ends after the body: a container closes the body with it.
///
/// Bounded by bytes ([RequestLimits#drainBytes]), total time and rate. It takes no place among the
/// requests that compute and no memory but one buffer. The first filter: refusals of the others are
/// drained too.
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
final class BodyDrainFilter implements Filter {
    private static final int BUFFER = 1 << 14;

    private final RequestLimits limits;

    BodyDrainFilter(RequestLimits limits) {
        this.limits = limits;
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        chain.doFilter(request, response);
        HttpServletRequest http = (HttpServletRequest) request;
        int status = ((HttpServletResponse) response).getStatus();
        boolean isTooSlow = status == HttpServletResponse.SC_REQUEST_TIMEOUT;
        if (hasBody(http) && !waitsToContinue(http) && !isTooSlow) {
            drain(http);
        }
    }

    private static boolean hasBody(HttpServletRequest request) {
        return request.getContentLengthLong() > 0 || request.getHeader("Transfer-Encoding") != null;
    }

    /// Whether the client sends its body only on request, and nothing has been read of it.
    private static boolean waitsToContinue(HttpServletRequest request) {
        ThrottledRequest admitted = ThrottledRequest.of(request);
        return request.getHeader("Expect") != null && (admitted == null || admitted.count() == 0);
    }

    private void drain(HttpServletRequest request) throws IOException {
        ServletInputStream body = request.getInputStream();
        if (body.isFinished() || request.getContentLengthLong() > limits.drainBytes()) {
            return;
        }
        try {
            discard(body);
        } catch (IOException gone) {
            // The client is silent or has closed the connection, which ends with this request.
        }
    }

    private void discard(ServletInputStream body) throws IOException {
        long start = System.nanoTime();
        byte[] buffer = new byte[BUFFER];
        long count = 0;
        while (count <= limits.drainBytes() && !body.isFinished()) {
            int read = body.read(buffer);
            count += Math.max(read, 0);
            if (System.nanoTime() - start > limits.drainNanos(count)) {
                return;
            }
        }
    }
}
