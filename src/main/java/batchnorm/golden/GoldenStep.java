package batchnorm.golden;

import batchnorm.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/// One batch and its results. Every number that the results depend on is here or in the
/// [GoldenCase], so that a step can be checked alone.
///
/// Inputs are of the datatype. Expected values are binary64, rounded once.
///
/// @param train whether the batch's own statistics normalize it, otherwise the running ones
/// @param gradOutput the derivative of the loss by `output`
/// @param state null when the convention tracks no running statistics
/// @param batchMean null in inference, like the other statistics of the batch
/// @param gradInputScale the size of the terms that cancel in `gradInput`, the divisor of its error
public record GoldenStep(
        boolean train,
        Tensor input,
        Tensor gradOutput,
        @Nullable State state,
        Tensor output,
        double @Nullable [] batchMean,
        double @Nullable [] batchVariance,
        Tensor gradInput,
        double[] gradGamma,
        double[] gradBeta,
        double gradInputScale) {

    /// The running statistics around a step. In inference they stay.
    ///
    /// @param batches the number of counted batches after the step
    public record State(
            double[] meanBefore,
            double[] varianceBefore,
            double[] meanAfter,
            double[] varianceAfter,
            long batches) {}
}
