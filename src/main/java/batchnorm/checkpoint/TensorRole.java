package batchnorm.checkpoint;

import batchnorm.layer.LayerPatch;
import org.jspecify.annotations.Nullable;

/// One of the tensors that make a layer's state.
enum TensorRole {
    GAMMA(LayerPatch.Vector.GAMMA),
    BETA(LayerPatch.Vector.BETA),
    RUNNING_MEAN(LayerPatch.Vector.RUNNING_MEAN),
    RUNNING_VAR(LayerPatch.Vector.RUNNING_VAR),
    /// How many batches were counted: one whole number.
    BATCHES(null);

    private final LayerPatch.@Nullable Vector vector;

    TensorRole(LayerPatch.@Nullable Vector vector) {
        this.vector = vector;
    }

    /// The layer's vector that it is; null when it is none.
    LayerPatch.@Nullable Vector vector() {
        return vector;
    }

    /// Our own word for it.
    String field() {
        return vector == null ? "num_batches_tracked" : vector.field();
    }
}
