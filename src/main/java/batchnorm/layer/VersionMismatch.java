package batchnorm.layer;

/// Thrown when a layer's version does not match the `If-Match` of a request.
public final class VersionMismatch extends RuntimeException {
    private static final long serialVersionUID = 1;

    public VersionMismatch(Layer current) {
        super(
                "layer \""
                        + current.name()
                        + "\" is now at ETag \""
                        + current.tag()
                        + "\", which If-Match does not name; read it again and decide anew");
    }
}
