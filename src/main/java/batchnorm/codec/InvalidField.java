package batchnorm.codec;

/// A field of a well-formed body that is unknown, given twice, missing, or of the wrong kind.
public final class InvalidField extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final String field;

    /// @param field where, as a path: `input.shape`, `gamma[3]`
    public InvalidField(String field, String message) {
        super(message);
        this.field = field;
    }

    public String field() {
        return field;
    }
}
