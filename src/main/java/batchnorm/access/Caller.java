package batchnorm.access;

import jakarta.servlet.http.HttpServletRequest;

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

    private static Identity identity(HttpServletRequest request) {
        return request.getAttribute(ATTRIBUTE) instanceof Identity identity
                ? identity
                : Identity.ANYONE;
    }
}
