package batchnorm.checkpoint;

/// Thrown when an exact export would have to round a number.
public final class InexactState extends RuntimeException {
    private static final long serialVersionUID = 1;

    InexactState(String message) {
        super(message);
    }
}
