package batchnorm.web.binding;

/// A body in a media type or content coding that the operation does not read.
public final class UnsupportedMedia extends RuntimeException {
    private static final long serialVersionUID = 1;

    UnsupportedMedia(String message) {
        super(message);
    }
}
