package batchnorm.normalization;

/// A training batch with one value per channel, which has no variance to learn from.
public final class SingleValue extends RuntimeException {
    private static final long serialVersionUID = 1;

    public SingleValue(String message) {
        super(message);
    }
}
