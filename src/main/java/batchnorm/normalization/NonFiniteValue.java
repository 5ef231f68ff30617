package batchnorm.normalization;

/// A NaN or an infinity where only finite numbers are valid.
public final class NonFiniteValue extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final String field;

    /// @param field the path of the first such number: `input[2][1]`
    public NonFiniteValue(String field, String message) {
        super(message);
        this.field = field;
    }

    public String field() {
        return field;
    }
}
