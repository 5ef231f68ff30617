package batchnorm.checkpoint;

import batchnorm.layer.Revision;
import org.jspecify.annotations.Nullable;

/// One of the tensors that make a layer's state.
enum Part {
    GAMMA(Revision.Vector.GAMMA),
    BETA(Revision.Vector.BETA),
    RUNNING_MEAN(Revision.Vector.RUNNING_MEAN),
    RUNNING_VAR(Revision.Vector.RUNNING_VAR),
    /// How many batches were counted: one whole number.
    BATCHES(null);

    private final Revision.@Nullable Vector vector;

    Part(Revision.@Nullable Vector vector) {
        this.vector = vector;
    }

    /// The layer's vector that it is; null when it is none.
    Revision.@Nullable Vector vector() {
        return vector;
    }

    /// Our own word for it.
    String field() {
        return vector == null ? "num_batches_tracked" : vector.field();
    }
}
