package batchnorm.web;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Set;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.cors.CorsUtils;

/// What a browser may do here, and what another site's page may not make it do. Every answer
/// carries the headers by which a browser keeps it to itself; a page that needs more than nothing
/// sets a `Content-Security-Policy` of its own.
///
/// A page of another site can make a browser send what changes something, even to a service that
/// only this machine reaches. Browsers say where such a request comes from; programs send no such
/// header.
///
/// There is no `Strict-Transport-Security`: only whoever terminates TLS in front can promise that.
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 1) // behind the filter that drains refused bodies
final class BrowserRules implements Filter {
    static final String POLICY = "Content-Security-Policy";
    private static final String NOTHING = "default-src 'none'; frame-ancestors 'none'";

    /// Swagger UI brings scripts as files, icons as data, and styles inline.
    private static final String SWAGGER_UI =
            "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline';"
                    + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// The playground brings everything as files of its own; nothing of it is inline.
    private static final String PLAYGROUND =
            "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none';"
                    + " frame-ancestors 'none'";

    private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS");
    private static final Set<String> OWN_PAGES = Set.of("same-origin", "none");

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        HttpServletRequest asked = (HttpServletRequest) request;
        HttpServletResponse answer = (HttpServletResponse) response;
        if (isForAnotherSite(asked)) {
            Problem.of(
                            ProblemType.FORBIDDEN,
                            "pages of other sites may not call this service from a browser; call it from a"
                                    + " program, or through a server of your own")
                    .send(asked, answer);
            return;
        }
        addHeaders(answer);
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

    private static boolean isForAnotherSite(HttpServletRequest request) {
        String site = request.getHeader("Sec-Fetch-Site");
        boolean foreign = site != null && !OWN_PAGES.contains(site);
        return foreign && !SAFE.contains(request.getMethod())
                || CorsUtils.isPreFlightRequest(request);
    }

    /// Also for an answer that took the place of another one.
    static void addHeaders(HttpServletResponse response) {
        response.setHeader("X-Content-Type-Options", "nosniff");
        response.setHeader("Referrer-Policy", "no-referrer");
        response.setHeader("Cross-Origin-Resource-Policy", "same-origin");
        response.setHeader(POLICY, NOTHING);
    }
}
