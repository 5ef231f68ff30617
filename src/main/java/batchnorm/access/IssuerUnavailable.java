package batchnorm.access;

/// The issuer's keys could not be fetched, so nobody knows whether a token holds.
public final class IssuerUnavailable extends RuntimeException {
    private static final long serialVersionUID = 1;

    IssuerUnavailable(Throwable cause) {
        super("the issuer of tokens does not answer; API keys work meanwhile", cause);
    }
}
