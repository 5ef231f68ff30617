package batchnorm.web.api;

import batchnorm.normalization.BatchStatistics;
import batchnorm.normalization.RunningStatistics;
import jakarta.validation.constraints.PositiveOrZero;
import org.jspecify.annotations.Nullable;

/// The statistics of a training batch and the running statistics after it.
///
/// @param batchMean null for an empty batch
/// @param count values per channel: an integer, or a sum of weights
/// @param runningMean null in a layer without running statistics
public record Statistics(
        double @Nullable [] batchMean,
        double @Nullable [] batchVar,
        @PositiveOrZero Number count,
        double @Nullable [] runningMean,
        double @Nullable [] runningVar,
        @PositiveOrZero long numBatchesTracked) {

    static Statistics of(BatchStatistics batch, @Nullable RunningStatistics running) {
        double count = batch.count();
        return new Statistics(
                batch.isEmpty() ? null : batch.mean(),
                batch.isEmpty() ? null : batch.variance(),
                count == Math.rint(count) ? (Number) (long) count : (Number) count,
                running == null ? null : running.mean(),
                running == null ? null : running.variance(),
                running == null ? 0 : running.batches());
    }
}
