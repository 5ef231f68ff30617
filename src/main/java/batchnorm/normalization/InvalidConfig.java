package batchnorm.normalization;

/// An invalid knob, or an invalid vector given with the knobs.
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
