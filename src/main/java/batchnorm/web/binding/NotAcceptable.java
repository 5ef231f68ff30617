package batchnorm.web.binding;

/// Thrown when no response format of the operation matches the `Accept` header.
public final class NotAcceptable extends RuntimeException {
    private static final long serialVersionUID = 1;

    NotAcceptable(String message) {
        super(message);
    }
}
