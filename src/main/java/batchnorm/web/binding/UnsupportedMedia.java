package batchnorm.web.binding;

/// Thrown for a body whose media type or content coding is not supported by the operation.
public final class UnsupportedMedia extends RuntimeException {
    private static final long serialVersionUID = 1;

    UnsupportedMedia(String message) {
        super(message);
    }
}
