package batchnorm.normalization;

/// A NaN or an infinity where only finite numbers make sense.
public final class NonFiniteValue extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final String field;

    /// @param field the first such number, as a path: `input[2][1]`
    public NonFiniteValue(String field, String message) {
        super(message);
        this.field = field;
    }

    public String field() {
        return field;
    }
}
