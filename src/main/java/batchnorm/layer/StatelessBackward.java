package batchnorm.layer;

import batchnorm.normalization.BatchStatistics;
import batchnorm.normalization.ForwardPass.Mode;
import batchnorm.normalization.Weighting;
import batchnorm.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/// A forward pass to recompute for a backward pass without context.
///
/// @param batch the statistics that the forward pass returned, or null to compute them again; only
///   in train mode
/// @param weighting the weights of the batch's values; only in train mode
/// @param statisticsBlend of the forward pass, or null for the layer's; only in infer mode
public record StatelessBackward(
        Tensor input,
        Mode mode,
        @Nullable BatchStatistics batch,
        Weighting weighting,
        @Nullable Double statisticsBlend) {
    /// Creates a pass in which every value counts.
    public static StatelessBackward of(Tensor input, Mode mode, @Nullable BatchStatistics batch) {
        return new StatelessBackward(input, mode, batch, Weighting.NONE, null);
    }
}
