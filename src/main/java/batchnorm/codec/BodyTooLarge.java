package batchnorm.codec;

/// A body that exceeds a limit: bytes, elements of a tensor, or entries of an archive.
public final class BodyTooLarge extends RuntimeException {
    private static final long serialVersionUID = 1;

    public BodyTooLarge(String message) {
        super(message);
    }
}
