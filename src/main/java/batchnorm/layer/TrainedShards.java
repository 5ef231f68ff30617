package batchnorm.layer;

import batchnorm.normalization.ForwardPass;
import batchnorm.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The result of a training step of a sharded batch.
///
/// @param layer the version that computed the step
/// @param step the record of the step
/// @param passes of the shards, in their order; null where only moments are known
/// @param outputs of the passes
/// @param commitNanos how long the step waited for the store
public record TrainedShards(
        Layer layer,
        StepRecord step,
        List<@Nullable ForwardPass> passes,
        List<@Nullable Tensor> outputs,
        long commitNanos) {

    /// Returns the tag of the layer's version after the step.
    public String tag() {
        return layer.tagOf(step.version());
    }
}
