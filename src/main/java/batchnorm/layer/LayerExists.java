package batchnorm.layer;

/// The name is taken.
public final class LayerExists extends RuntimeException {
    private static final long serialVersionUID = 1;

    public LayerExists(LayerName name) {
        super(
                "layer \""
                        + name
                        + "\" exists already; choose another name, change it with PATCH, or delete it first");
    }
}
