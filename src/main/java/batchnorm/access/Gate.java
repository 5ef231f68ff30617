package batchnorm.access;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import java.util.Objects;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.HandlerMapping;

/// Stands before every handler of every mapping, before a byte of the body is read. It asks about
/// the handler that is about to run, not about a path that looks like one: two readings of a path
/// cannot disagree.
public final class Gate implements HandlerInterceptor {
    private final Identities identities;
    private final List<Permissions> permissions;

    public Gate(Identities identities, List<Permissions> permissions) {
        this.identities = identities;
        this.permissions = List.copyOf(permissions);
    }

    /// @throws Unauthenticated, Forbidden
    @Override
    public boolean preHandle(
            HttpServletRequest request, HttpServletResponse response, Object handler) {
        // An error's dispatch answers what was refused already.
        if (identities.areAsked() && request.getDispatcherType() != DispatcherType.ERROR) {
            require(request, needed(request, handler));
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
        Identity identity = identities.of(request.getHeader("Authorization"));
        if (identity.scope().includes(needed)) {
            return;
        }
        throw identity.equals(Identity.ANONYMOUS)
                ? Unauthenticated.missing()
                : Forbidden.lacks(needed);
    }

    private Scope needed(HttpServletRequest request, Object handler) {
        String pattern =
                String.valueOf(
                        request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE));
        return permissions.stream()
                .map(listed -> listed.of(handler, pattern))
                .filter(Objects::nonNull)
                .findFirst()
                .orElseThrow(Forbidden::unlisted);
    }
}
