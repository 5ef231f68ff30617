package batchnorm.normalization;

/// A layer and a linear map whose composition is not a linear map of the same kind.
public final class InexactFold extends RuntimeException {
    private static final long serialVersionUID = 1;

    InexactFold(String message) {
        super(message);
    }
}
