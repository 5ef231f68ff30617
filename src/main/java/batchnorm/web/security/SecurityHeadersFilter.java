package batchnorm.web.security;

import batchnorm.access.RequestId;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import org.slf4j.MDC;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/// Sets the security headers of every response. Browsers hide the response from pages of other
/// sites and run only necessary content. Pages of the service have their own
/// `Content-Security-Policy`.
///
/// `Strict-Transport-Security` is left to the proxy that terminates TLS.
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 1) // after the filter that drains rejected bodies
public final class SecurityHeadersFilter implements Filter {
    static final String POLICY = "Content-Security-Policy";
    private static final String NOTHING = "default-src 'none'; frame-ancestors 'none'";

    /// The headers of every response, regardless of its origin.
    public static final Map<String, String> HEADERS =
            Map.of(
                    "X-Content-Type-Options",
                    "nosniff",
                    "Referrer-Policy",
                    "no-referrer",
                    "Cross-Origin-Resource-Policy",
                    "same-origin",
                    POLICY,
                    NOTHING);

    /// Swagger UI has scripts as files, icons as data, and inline styles.
    private static final String SWAGGER_UI =
            "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline';"
                    + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// The playground has only files of its own, without inline content.
    private static final String PLAYGROUND =
            "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none';"
                    + " frame-ancestors 'none'";

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        HttpServletRequest http = (HttpServletRequest) request;
        HttpServletResponse httpResponse = (HttpServletResponse) response;
        addHeaders(http, httpResponse);
        httpResponse.setHeader(POLICY, policy(http.getRequestURI()));
        // For every line that the request logs.
        try (MDC.MDCCloseable _ = MDC.putCloseable(RequestId.MEMBER, RequestId.of(http))) {
            chain.doFilter(request, response);
        }
    }

    private static String policy(String path) {
        if (path.startsWith("/swagger-ui/")) {
            return SWAGGER_UI;
        }
        // A worker applies the policy of its own file, so all files of the page have it.
        boolean isPlayground =
                path.equals("/") || path.equals("/index.html") || path.startsWith("/playground/");
        return isPlayground ? PLAYGROUND : NOTHING;
    }

    /// Sets the headers, including those of a replaced response.
    public static void addHeaders(HttpServletRequest request, HttpServletResponse response) {
        response.setHeader(RequestId.HEADER, RequestId.of(request));
        HEADERS.forEach(response::setHeader);
    }
}
