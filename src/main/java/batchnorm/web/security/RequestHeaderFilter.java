package batchnorm.web.security;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.boot.web.server.autoconfigure.ServerProperties.ForwardHeadersStrategy;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/// Hides unused request headers from the frameworks, which would parse them and fail on malformed
/// values.
///
/// Every response is in English, so `Accept-Language` is ignored. `Forwarded` and `X-Forwarded-*`
/// count only if the operator trusts a proxy. A blank `Accept` accepts everything, like a missing
/// one (RFC 9110, 12.5.1).
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 3) // after the filter that reads X-Forwarded-Proto
final class RequestHeaderFilter extends OncePerRequestFilter {
    private static final Set<String> LANGUAGE = headers("Accept-Language");
    private static final Set<String> FORWARDED =
            headers(
                    "Accept-Language",
                    "Forwarded",
                    "X-Forwarded-For",
                    "X-Forwarded-Host",
                    "X-Forwarded-Port",
                    "X-Forwarded-Prefix",
                    "X-Forwarded-Proto",
                    "X-Forwarded-Ssl");

    private final Set<String> ignored;

    RequestHeaderFilter(ServerProperties server) {
        boolean trustsProxies =
                server.getForwardHeadersStrategy() == ForwardHeadersStrategy.FRAMEWORK;
        this.ignored = trustsProxies ? LANGUAGE : FORWARDED;
    }

    private static Set<String> headers(String... names) {
        Set<String> headers = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        Collections.addAll(headers, names);
        return Collections.unmodifiableSet(headers);
    }

    @Override
    protected void doFilterInternal(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        chain.doFilter(new UsedHeaders(request, ignored), response);
    }

    @Override
    protected boolean shouldNotFilterErrorDispatch() {
        return false;
    }

    /// A request without ignored headers.
    private static final class UsedHeaders extends HttpServletRequestWrapper {
        private static final String ACCEPT = "Accept";
        private final Set<String> ignored;

        private UsedHeaders(HttpServletRequest request, Set<String> ignored) {
            super(request);
            this.ignored = ignored;
        }

        @Override
        public @Nullable String getHeader(String name) {
            Enumeration<String> values = getHeaders(name);
            return values.hasMoreElements() ? values.nextElement() : null;
        }

        @Override
        public Enumeration<String> getHeaders(String name) {
            if (ignored.contains(name)) {
                return Collections.emptyEnumeration();
            }
            Enumeration<String> values = super.getHeaders(name);
            return name.equalsIgnoreCase(ACCEPT) ? notBlank(values) : values;
        }

        private static Enumeration<String> notBlank(Enumeration<String> values) {
            List<String> all = Collections.list(values);
            all.removeIf(String::isBlank);
            return Collections.enumeration(all);
        }

        @Override
        public Enumeration<String> getHeaderNames() {
            List<String> names = Collections.list(super.getHeaderNames());
            names.removeIf(name -> !getHeaders(name).hasMoreElements());
            return Collections.enumeration(names);
        }

        @Override
        public Locale getLocale() {
            return Locale.ENGLISH;
        }

        @Override
        public Enumeration<Locale> getLocales() {
            return Collections.enumeration(List.of(Locale.ENGLISH));
        }
    }
}
