package batchnorm.web;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.boot.tomcat.autoconfigure.TomcatServerProperties;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/// Bounds the connections that one client address keeps open between requests, so that one client
/// cannot take all that the service accepts. The response on a connection beyond the bound closes
/// it; the request itself is served.
///
/// Counts connections by the requests that they carry: one without a request is cut after the
/// silence time-out, and one that is idle for the keep-alive time-out is closed.
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
final class KeepAliveFilter implements Filter {
    /// As long as Tomcat keeps an idle connection by default.
    private static final Duration DEFAULT_IDLE = Duration.ofSeconds(20);

    /// The client address of each connection that may still be open, by the connection's id.
    private final Cache<String, String> connections;

    private final Map<String, Integer> perClient = new ConcurrentHashMap<>();
    private final int limit;

    KeepAliveFilter(RequestLimits limits, TomcatServerProperties server) {
        int all = Math.min(server.getMaxConnections(), RequestLimits.connections());
        this.limit = limits.connectionsOfClient(all);
        this.connections =
                Caffeine.newBuilder()
                        .maximumSize(all)
                        .expireAfterAccess(
                                Objects.requireNonNullElse(
                                        server.getKeepAliveTimeout(), DEFAULT_IDLE))
                        .executor(Runnable::run)
                        .<String, String>removalListener(
                                (_, client, _) -> forget(Objects.requireNonNull(client)))
                        .build();
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        String connection = request.getServletConnection().getConnectionId();
        String client = request.getRemoteAddr();
        String _ = connections.get(connection, _ -> remember(client));
        if (perClient.getOrDefault(client, 0) > limit) {
            connections.cleanUp();
            if (perClient.getOrDefault(client, 0) > limit) {
                ((HttpServletResponse) response).setHeader("Connection", "close");
                connections.invalidate(connection);
            }
        }
        chain.doFilter(request, response);
    }

    private String remember(String client) {
        perClient.merge(client, 1, Integer::sum);
        return client;
    }

    private void forget(String client) {
        perClient.computeIfPresent(client, (_, count) -> count == 1 ? null : (Integer) (count - 1));
    }
}
