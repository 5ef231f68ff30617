package batchnorm.access;

/// Thrown when a token cannot be verified because the issuer's keys could not be fetched.
public final class IssuerUnavailable extends RuntimeException {
    private static final long serialVersionUID = 1;

    IssuerUnavailable(Throwable cause) {
        super("the issuer of tokens does not respond; API keys still work", cause);
    }
}
