package batchnorm.web.api;

import batchnorm.layer.TrainResult;
import batchnorm.normalization.BatchStatistics;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.Positive;
import jakarta.validation.constraints.PositiveOrZero;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The result of a training step.
@TensorBody
public record ForwardTrainAnswer(
        Tensor output,
        @Nullable String contextId,
        @Unwrapped @Nullable Statistics statistics,
        @Unwrapped @Nullable VirtualBatches virtual,
        @PositiveOrZero @DecimalMax("1") @Nullable Double alpha,
        @Positive long version)
        implements ApiAnswer {

    /// The statistics of the virtual batches, one row each.
    public record VirtualBatches(
            @PositiveOrZero double[] virtualCounts,
            Tensor virtualBatchMean,
            Tensor virtualBatchVar) {

        private static @Nullable VirtualBatches of(List<BatchStatistics> batches) {
            return batches.size() < 2
                    ? null
                    : new VirtualBatches(
                            batches.stream().mapToDouble(BatchStatistics::count).toArray(),
                            rows(batches, BatchStatistics::mean),
                            rows(batches, BatchStatistics::variance));
        }

        private static Tensor rows(
                List<BatchStatistics> batches, Function<BatchStatistics, double[]> row) {
            double[] values = batches.stream().map(row).flatMapToDouble(Arrays::stream).toArray();
            return Tensor.of(Shape.of(batches.size(), values.length / batches.size()), values);
        }
    }

    public static ForwardTrainAnswer of(TrainResult trained, boolean withStatistics) {
        return new ForwardTrainAnswer(
                trained.output(),
                trained.contextId(),
                withStatistics ? Statistics.of(trained.batch(), trained.running()) : null,
                withStatistics ? VirtualBatches.of(trained.virtual()) : null,
                trained.alpha(),
                trained.version());
    }
}
