package batchnorm.access;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;

/// The caller of a request: the name of its API key, `token:` and the subject of its token, or
/// `anyone` in a service without credentials.
public final class Caller {
    private static final String ATTRIBUTE = Caller.class.getName();

    private Caller() {}

    static void set(HttpServletRequest request, Identity identity) {
        request.setAttribute(ATTRIBUTE, identity);
    }

    /// Returns the caller's name, unsanitized for logs.
    public static String of(HttpServletRequest request) {
        return identity(request).name();
    }

    /// Returns whether the request has valid credentials.
    public static boolean isKnown(HttpServletRequest request) {
        Identity identity = identity(request);
        return !identity.equals(Identity.ANYONE) && !identity.equals(Identity.ANONYMOUS);
    }

    /// Returns the scope of the caller's credentials; empty for a request that needed none.
    static Optional<Scope> scope(HttpServletRequest request) {
        return isKnown(request) ? Optional.of(identity(request).scope()) : Optional.empty();
    }

    private static Identity identity(HttpServletRequest request) {
        return request.getAttribute(ATTRIBUTE) instanceof Identity identity
                ? identity
                : Identity.ANYONE;
    }
}
