package batchnorm.normalization;

/// An invalid mask or weight.
public final class InvalidWeight extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final String field;

    /// @param field the path of the first invalid number: `weights[3]`
    public InvalidWeight(String field, String message) {
        super(message);
        this.field = field;
    }

    public String field() {
        return field;
    }
}
