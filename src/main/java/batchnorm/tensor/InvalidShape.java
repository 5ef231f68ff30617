package batchnorm.tensor;

/// A shape that no tensor can have, or that an operation cannot take.
public final class InvalidShape extends RuntimeException {
    private static final long serialVersionUID = 1;

    public InvalidShape(String message) {
        super(message);
    }
}
