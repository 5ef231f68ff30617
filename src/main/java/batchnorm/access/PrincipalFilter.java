package batchnorm.access;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.IOException;
import java.security.Principal;
import org.jspecify.annotations.Nullable;

/// Gives requests a principal if their credentials grant the scope `infer`. For paths that are open
/// to all callers and respond with more to some, such as health.
public final class PrincipalFilter implements Filter {
    private final Authenticator authenticator;

    public PrincipalFilter(Authenticator authenticator) {
        this.authenticator = authenticator;
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        chain.doFilter(new WithPrincipal((HttpServletRequest) request, authenticator), response);
    }

    private static final class WithPrincipal extends HttpServletRequestWrapper {
        private final Authenticator authenticator;

        WithPrincipal(HttpServletRequest request, Authenticator authenticator) {
            super(request);
            this.authenticator = authenticator;
        }

        /// Returns null without valid credentials, which are not required here.
        @Override
        public @Nullable Principal getUserPrincipal() {
            try {
                Identity identity = authenticator.of(getHeader("Authorization"));
                return identity.scope().includes(Scope.INFER) ? identity::name : null;
            } catch (Unauthenticated | IssuerUnavailable unverified) {
                return null;
            }
        }
    }
}
