package batchnorm.access;

/// Thrown when an authenticated caller lacks the required scope.
public final class Forbidden extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final String challenge;

    private Forbidden(String message, String challenge) {
        super(message);
        this.challenge = challenge;
    }

    static Forbidden lacks(Scope needed) {
        return new Forbidden(
                "this needs the scope \""
                        + needed.text()
                        + "\", which these credentials do not have",
                "Bearer realm=\"batchnorm\", error=\"insufficient_scope\", scope=\""
                        + needed.text()
                        + '"');
    }

    static Forbidden crossSite() {
        return new Forbidden(
                "pages of other sites may not open this path; open it from the service's own page,"
                        + " or with a program",
                "Bearer realm=\"batchnorm\"");
    }

    static Forbidden unlisted() {
        return new Forbidden("this path is open to nobody", "Bearer realm=\"batchnorm\"");
    }

    /// Returns the value of `WWW-Authenticate` (RFC 6750, 3).
    public String challenge() {
        return challenge;
    }
}
