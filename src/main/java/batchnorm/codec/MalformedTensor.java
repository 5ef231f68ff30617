package batchnorm.codec;

/// Bytes or JSON that do not form a tensor: a ragged array, an invalid number, a shape that does
/// not fit its data, or an inconsistent binary header.
public final class MalformedTensor extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final String field;

    /// @param field the path of the field: `input`, `input.data[3]`, `input.shape[0]`; for a bare
    ///   binary body, the name of its tensor
    public MalformedTensor(String field, String message) {
        super(message);
        this.field = field;
    }

    public String field() {
        return field;
    }
}
