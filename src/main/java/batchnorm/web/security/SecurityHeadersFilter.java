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
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/// Security headers of every response: a browser hides the response from pages of other sites, and
/// runs nothing that it does not need. The pages of the service have a `Content-Security-Policy` of
/// their own.
///
/// There is no `Strict-Transport-Security`: only the proxy that terminates TLS can promise that.
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 1) // behind the filter that drains refused bodies
public final class SecurityHeadersFilter implements Filter {
    static final String POLICY = "Content-Security-Policy";
    private static final String NOTHING = "default-src 'none'; frame-ancestors 'none'";

    /// Of every response, whichever part of the server writes it.
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

    /// Swagger UI brings scripts as files, icons as data, and styles inline.
    private static final String SWAGGER_UI =
            "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline';"
                    + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// The playground brings everything as files of its own; nothing of it is inline.
    private static final String PLAYGROUND =
            "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none';"
                    + " frame-ancestors 'none'";

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        HttpServletRequest asked = (HttpServletRequest) request;
        HttpServletResponse answer = (HttpServletResponse) response;
        addHeaders(asked, answer);
        answer.setHeader(POLICY, policy(asked.getRequestURI()));
        chain.doFilter(request, response);
    }

    private static String policy(String path) {
        if (path.startsWith("/swagger-ui/")) {
            return SWAGGER_UI;
        }
        // A worker heeds the policy of its own file, so all files of the page carry it.
        boolean isPlayground =
                path.equals("/") || path.equals("/index.html") || path.startsWith("/playground/");
        return isPlayground ? PLAYGROUND : NOTHING;
    }

    /// Also for a response that replaces another one.
    public static void addHeaders(HttpServletRequest request, HttpServletResponse response) {
        response.setHeader(RequestId.HEADER, RequestId.of(request));
        HEADERS.forEach(response::setHeader);
    }
}
