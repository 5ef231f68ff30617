package batchnorm.tensor;

/// A shape that is invalid, or that an operation does not support.
public final class InvalidShape extends RuntimeException {
    private static final long serialVersionUID = 1;

    public InvalidShape(String message) {
        super(message);
    }
}
