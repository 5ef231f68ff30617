package batchnorm.normalization;

/// A knob, or a vector given with the knobs, that no layer can have.
public final class InvalidConfig extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final String field;

    public InvalidConfig(String field, String message) {
        super(message);
        this.field = field;
    }

    public String field() {
        return field;
    }
}
