package batchnorm.access;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.HandlerMapping;

/// Stands before every handler of every mapping, before a byte of the body is read. It asks about
/// the handler that is about to run, not about a path that looks like one: two readings of a path
/// cannot disagree.
public final class AuthorizationInterceptor implements HandlerInterceptor {
    private final Authenticator identities;
    private final List<ScopeResolver> permissions;
    private final AuditLog audit;

    public AuthorizationInterceptor(
            Authenticator identities, List<ScopeResolver> permissions, AuditLog audit) {
        this.identities = identities;
        this.permissions = List.copyOf(permissions);
        this.audit = audit;
    }

    /// @throws Unauthenticated, Forbidden
    @Override
    public boolean preHandle(
            HttpServletRequest request, HttpServletResponse response, Object handler) {
        boolean fromAnotherSite = CrossSitePolicy.isFromAnotherSite(request);
        // An error's dispatch renders what was rejected already.
        if (request.getDispatcherType() == DispatcherType.ERROR
                || !(fromAnotherSite || identities.areAsked())) {
            return true;
        }
        Optional<Scope> needed = needed(request, handler);
        // A link on another site leads anywhere else, but not to a copy of everything.
        if (fromAnotherSite && needed.equals(Optional.of(Scope.ADMIN))) {
            throw Forbidden.crossSite();
        }
        if (identities.areAsked()) {
            require(request, needed.orElseThrow(Forbidden::unlisted));
        }
        return true;
    }

    /// For a handler that knows what it needs only when it has read the request.
    ///
    /// @throws Unauthenticated, Forbidden
    public void require(HttpServletRequest request, Scope needed) {
        if (needed == Scope.NONE) {
            return;
        }
        Identity identity = identity(request);
        if (identity.scope().includes(needed)) {
            Caller.set(request, identity);
            return;
        }
        if (identity.equals(Identity.ANONYMOUS)) {
            throw Unauthenticated.missing();
        }
        audit.rejected(request, identity.name(), "scope");
        throw Forbidden.lacks(needed);
    }

    private Identity identity(HttpServletRequest request) {
        try {
            return identities.of(request.getHeader("Authorization"));
        } catch (Unauthenticated invalid) {
            audit.rejected(request, "unknown", "invalid");
            throw invalid;
        }
    }

    private Optional<Scope> needed(HttpServletRequest request, Object handler) {
        String pattern =
                String.valueOf(
                        request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE));
        return permissions.stream()
                .map(listed -> listed.of(handler, pattern))
                .filter(Objects::nonNull)
                .findFirst();
    }
}
