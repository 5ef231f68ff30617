package batchnorm.access;

/// A request that needs credentials came with none, or with ones that do not hold.
public final class Unauthenticated extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final String challenge;

    private Unauthenticated(String message, String challenge) {
        super(message);
        this.challenge = challenge;
    }

    static Unauthenticated missing() {
        return new Unauthenticated(
                "this needs credentials: send an API key or a token as \"Authorization: Bearer …\"",
                "Bearer realm=\"batchnorm\"");
    }

    /// Does not say why, which would help to guess; the service's log does.
    static Unauthenticated invalid() {
        return new Unauthenticated(
                "the credentials do not hold: the key is unknown, or the token is malformed, expired or not"
                        + " meant for this service",
                "Bearer realm=\"batchnorm\", error=\"invalid_token\"");
    }

    /// For `WWW-Authenticate` (RFC 6750, 3).
    public String challenge() {
        return challenge;
    }
}
