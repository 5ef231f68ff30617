package batchnorm.layer;

/// Thrown when no layer has the requested name.
public final class LayerNotFound extends RuntimeException {
    private static final long serialVersionUID = 1;

    public LayerNotFound(LayerName name) {
        super("there is no layer \"" + name + "\"; create it with POST /api/v1/layers");
    }
}
