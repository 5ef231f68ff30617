package batchnorm.normalization;

/// No weights compute what the layer and the linear map compute one after the other.
public final class InexactFold extends RuntimeException {
    private static final long serialVersionUID = 1;

    InexactFold(String message) {
        super(message);
    }
}
