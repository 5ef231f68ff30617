package batchnorm.layer;

import batchnorm.normalization.ForwardPass;
import batchnorm.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a training step of a batch in shards answers.
///
/// @param layer that made the step
/// @param step what it did to the layer; the parameters and knobs as they were
/// @param passes of the shards, in their order; null where only moments are known
/// @param outputs of the passes
/// @param commitNanos how long the step waited for the store
public record TrainedShards(
        Layer layer,
        StepRecord step,
        List<@Nullable ForwardPass> passes,
        List<@Nullable Tensor> outputs,
        long commitNanos) {

    /// Of the layer's version after the step.
    public String tag() {
        return layer.tagOf(step.version());
    }
}
