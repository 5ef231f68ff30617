package batchnorm.normalization;

/// A tensor or vector that does not fit the layer, or another tensor of the request.
public final class ShapeMismatch extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final String field;

    public ShapeMismatch(String field, String message) {
        super(message);
        this.field = field;
    }

    public String field() {
        return field;
    }
}
