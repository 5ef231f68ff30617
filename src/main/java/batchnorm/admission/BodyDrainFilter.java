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

/// Reads and discards the unread rest of a body, so that the client receives the response.
///
/// Most clients write the whole body before they read. Closing a connection with unread bytes
/// resets it, and the client loses the response (RFC 9112, 9.6). The response is flushed first and
/// ends after the body, because a container closes the body with it.
///
/// Bounded by bytes ([RequestLimits#drainBytes]), total time and rate. It holds no processor permit
/// and no memory but one buffer. It is the first filter, so rejections by the others are drained
/// too.
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

    /// Returns whether the client waits for `100 Continue` and nothing has been read of its body.
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
        } catch (IOException e) {
            // The client is silent or has closed the connection. The connection ends with this
            // request.
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
