package batchnorm.checkpoint;

import batchnorm.layer.LayerPatch;
import org.jspecify.annotations.Nullable;

/// The role of a tensor in a layer's state.
enum TensorRole {
    GAMMA(LayerPatch.Vector.GAMMA),
    BETA(LayerPatch.Vector.BETA),
    RUNNING_MEAN(LayerPatch.Vector.RUNNING_MEAN),
    RUNNING_VAR(LayerPatch.Vector.RUNNING_VAR),
    /// The number of batches: one whole number.
    BATCHES(null);

    private final LayerPatch.@Nullable Vector vector;

    TensorRole(LayerPatch.@Nullable Vector vector) {
        this.vector = vector;
    }

    /// Returns the corresponding vector of the layer, or null.
    LayerPatch.@Nullable Vector vector() {
        return vector;
    }

    /// Returns the field name in requests and responses.
    String field() {
        return vector == null ? "num_batches_tracked" : vector.field();
    }
}
