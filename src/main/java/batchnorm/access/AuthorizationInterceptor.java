package batchnorm.access;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.HandlerMapping;

/// Authorizes every request before its handler runs and its body is read. The decision depends on
/// the resolved handler. A path that is parsed differently elsewhere cannot bypass it.
public final class AuthorizationInterceptor implements HandlerInterceptor {
    /// The response header with the scope of the caller's credentials: `infer`, `train`, `admin`.
    public static final String GRANTED = "Granted-Scope";

    private final Authenticator authenticator;
    private final List<ScopeResolver> scopes;
    private final AuditLog audit;
    private final MeterRegistry registry;

    public AuthorizationInterceptor(
            Authenticator authenticator,
            List<ScopeResolver> scopes,
            AuditLog audit,
            MeterRegistry registry) {
        this.authenticator = authenticator;
        this.scopes = List.copyOf(scopes);
        this.audit = audit;
        this.registry = registry;
        // Series that alerts watch exist from the start.
        counter("none", false);
        counter("unknown", false);
    }

    /// @throws Unauthenticated, Forbidden
    @Override
    public boolean preHandle(
            HttpServletRequest request, HttpServletResponse response, Object handler) {
        boolean fromAnotherSite = CrossSitePolicy.isFromAnotherSite(request);
        // An error dispatch renders an earlier rejection.
        if (request.getDispatcherType() == DispatcherType.ERROR
                || !(fromAnotherSite || authenticator.requiresCredentials())) {
            return true;
        }
        Optional<Scope> needed = needed(request, handler);
        // Links from other sites may open any page but an administrative one, such as a backup.
        if (fromAnotherSite && needed.equals(Optional.of(Scope.ADMIN))) {
            throw Forbidden.crossSite();
        }
        if (authenticator.requiresCredentials()) {
            require(request, needed.orElseThrow(Forbidden::unlisted));
            Caller.scope(request).ifPresent(scope -> response.setHeader(GRANTED, scope.text()));
        }
        return true;
    }

    /// Authorizes a request whose required scope its handler determines after reading it.
    ///
    /// @throws Unauthenticated, Forbidden
    public void require(HttpServletRequest request, Scope needed) {
        if (needed == Scope.NONE) {
            return;
        }
        Identity identity = identity(request);
        if (identity.scope().includes(needed)) {
            if (!Caller.isKnown(request)) { // counted once, where a handler requires more
                count(credential(identity), true);
            }
            Caller.set(request, identity);
            return;
        }
        if (identity.equals(Identity.ANONYMOUS)) {
            count("none", false);
            throw Unauthenticated.missing();
        }
        audit.rejected(request, identity.name(), "scope");
        count(credential(identity), false);
        throw Forbidden.lacks(needed);
    }

    /// Returns the name of a key. Tokens share one name, because their subjects are unbounded.
    private static String credential(Identity identity) {
        return identity.name().contains(":") ? "token" : identity.name();
    }

    private void count(String credential, boolean accepted) {
        counter(credential, accepted).increment();
    }

    private Counter counter(String credential, boolean accepted) {
        return Counter.builder("batchnorm.credential.requests")
                .description("Requests that need credentials, by the name of their key")
                .tag("credential", credential)
                .tag("outcome", accepted ? "accepted" : "rejected")
                .register(registry);
    }

    private Identity identity(HttpServletRequest request) {
        try {
            return authenticator.of(request.getHeader("Authorization"));
        } catch (Unauthenticated invalid) {
            audit.rejected(request, "unknown", AuditLog.INVALID);
            count("unknown", false);
            throw invalid;
        }
    }

    private Optional<Scope> needed(HttpServletRequest request, Object handler) {
        String pattern =
                String.valueOf(
                        request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE));
        return scopes.stream()
                .map(resolver -> resolver.of(handler, pattern))
                .filter(Objects::nonNull)
                .findFirst();
    }
}
