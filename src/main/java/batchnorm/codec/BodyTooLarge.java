package batchnorm.codec;

/// A body that goes beyond a limit: bytes, elements of a tensor, entries of an archive.
public final class BodyTooLarge extends RuntimeException {
    private static final long serialVersionUID = 1;

    public BodyTooLarge(String message) {
        super(message);
    }
}
