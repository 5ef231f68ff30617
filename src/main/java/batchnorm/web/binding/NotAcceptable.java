package batchnorm.web.binding;

/// An `Accept` header that no answer of the operation fits.
public final class NotAcceptable extends RuntimeException {
    private static final long serialVersionUID = 1;

    NotAcceptable(String message) {
        super(message);
    }
}
