package batchnorm.layer;

import batchnorm.normalization.BatchStatistics;
import batchnorm.normalization.RunningStatistics;
import batchnorm.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The result of a training step.
///
/// @param tag of the layer's version after the step
/// @param virtual the statistics that normalized the batch, in order: of each virtual batch, or of
///   the whole
/// @param running the statistics after the step; null when the layer does not track them
/// @param alpha the weight of this batch, or of its last virtual batch, in `running`; 0 for an
///   empty batch, null when not tracked
/// @param replayed whether an earlier request with the same idempotency key made the step
/// @param commitNanos how long the step waited for the store
public record TrainResult(
        Tensor output,
        @Nullable String contextId,
        BatchStatistics batch,
        List<BatchStatistics> virtual,
        @Nullable RunningStatistics running,
        @Nullable Double alpha,
        long version,
        String tag,
        boolean replayed,
        long commitNanos)
        implements ForwardResult {}
