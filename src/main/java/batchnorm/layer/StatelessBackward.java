package batchnorm.layer;

import batchnorm.normalization.BatchStatistics;
import batchnorm.normalization.ForwardPass.Mode;
import batchnorm.normalization.Weighting;
import batchnorm.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/// A forward pass that a backward without context runs again.
///
/// @param batch the statistics that the forward answered, or null to compute them again; only in
///   train mode
/// @param weighting which parts of the batch counted; only in train mode
/// @param statisticsBlend as the forward had it, or null for the layer's; only in infer mode
public record StatelessBackward(
        Tensor input,
        Mode mode,
        @Nullable BatchStatistics batch,
        Weighting weighting,
        @Nullable Double statisticsBlend) {
    /// A forward in which everything counts.
    public static StatelessBackward of(Tensor input, Mode mode, @Nullable BatchStatistics batch) {
        return new StatelessBackward(input, mode, batch, Weighting.NONE, null);
    }
}
