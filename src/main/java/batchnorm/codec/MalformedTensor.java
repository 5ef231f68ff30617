package batchnorm.codec;

/// Bytes or JSON that do not make a tensor: a ragged array, a number that is none, a shape that
/// does not fit its data, a binary header that lies.
public final class MalformedTensor extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final String field;

    /// @param field where, as a path: `input`, `input.data[3]`, `input.shape[0]`; of a bare binary
    ///   body, its name
    public MalformedTensor(String field, String message) {
        super(message);
        this.field = field;
    }

    public String field() {
        return field;
    }
}
