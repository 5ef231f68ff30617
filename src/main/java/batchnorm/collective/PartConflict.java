package batchnorm.collective;

/// Thrown for a part that contradicts an earlier one or is out of order; nothing was changed.
public final class PartConflict extends RuntimeException {
    private static final long serialVersionUID = 1;

    PartConflict(String message) {
        super(message);
    }
}
