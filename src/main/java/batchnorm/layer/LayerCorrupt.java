package batchnorm.layer;

import org.jspecify.annotations.Nullable;

/// Thrown for a layer whose stored bytes are damaged. The layer is not served; all others are.
public final class LayerCorrupt extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String layer;

    public LayerCorrupt(LayerName name, String reason, @Nullable Throwable cause) {
        super(
                "layer \""
                        + name
                        + "\" is damaged in the store ("
                        + reason
                        + ") and is not served; delete it or restore the store from a backup",
                cause);
        this.layer = name.value();
    }

    /// Returns the name of the layer.
    public String layer() {
        return layer;
    }
}
