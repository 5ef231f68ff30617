package batchnorm.collective;

/// A part that contradicts one that came before, or comes out of turn; nothing was changed.
public final class PartConflict extends RuntimeException {
    private static final long serialVersionUID = 1;

    PartConflict(String message) {
        super(message);
    }
}
