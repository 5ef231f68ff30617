package batchnorm.normalization;

/// A count, a mean and an `M2` that no values have.
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

    /// The same, of moments that stand somewhere in a request: `parts[2]`.
    public InvalidMoments at(String path) {
        return new InvalidMoments(path + "." + field, path + "." + getMessage());
    }
}
