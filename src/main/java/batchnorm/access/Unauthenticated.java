package batchnorm.access;

/// Thrown when required credentials are missing or invalid.
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

    /// Conceals the reason, which would help an attacker. The audit log has it.
    static Unauthenticated invalid() {
        return new Unauthenticated(
                "the credentials are invalid: the key is unknown, or the token is malformed, expired or not"
                        + " meant for this service",
                "Bearer realm=\"batchnorm\", error=\"invalid_token\"");
    }

    /// Returns the value of `WWW-Authenticate` (RFC 6750, 3).
    public String challenge() {
        return challenge;
    }
}
