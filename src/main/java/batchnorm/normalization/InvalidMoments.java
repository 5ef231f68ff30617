package batchnorm.normalization;

/// A count, a mean and an `M2` that are inconsistent.
public final class InvalidMoments extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final String field;

    public InvalidMoments(String field, String message) {
        super(message);
        this.field = field;
    }

    public String field() {
        return field;
    }

    /// Returns the same error with a path in the request: `parts[2]`.
    public InvalidMoments at(String path) {
        return new InvalidMoments(path + "." + field, path + "." + getMessage());
    }
}
