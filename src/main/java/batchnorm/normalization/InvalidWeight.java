package batchnorm.normalization;

/// A mask or a weight that says nothing.
public final class InvalidWeight extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final String field;

    /// @param field the first such number, as a path: `weights[3]`
    public InvalidWeight(String field, String message) {
        super(message);
        this.field = field;
    }

    public String field() {
        return field;
    }
}
