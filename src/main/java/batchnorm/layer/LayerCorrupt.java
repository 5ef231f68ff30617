package batchnorm.layer;

import org.jspecify.annotations.Nullable;

/// A layer that the store cannot read any more: its bytes are not those that were written. It is
/// not served; all others live on.
public final class LayerCorrupt extends RuntimeException {
    private static final long serialVersionUID = 1;

    public LayerCorrupt(LayerName name, String what, @Nullable Throwable cause) {
        super(
                "layer \""
                        + name
                        + "\" is damaged in the store ("
                        + what
                        + ") and is not served; delete it or restore the store from a backup",
                cause);
    }
}
