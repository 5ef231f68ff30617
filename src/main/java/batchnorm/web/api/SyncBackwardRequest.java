package batchnorm.web.api;

import batchnorm.codec.InvalidField;
import batchnorm.collective.SyncGroups;
import batchnorm.collective.SyncPart;
import batchnorm.tensor.Tensor;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.PositiveOrZero;
import org.jspecify.annotations.Nullable;

/// A member's output gradient, or its sums.
///
/// @param sumDy per channel, replaces the gradient
/// @param sumDyXmu per channel, of the gradient times the deviation from the mean
@TensorBody
public record SyncBackwardRequest(
        @Nullable Tensor gradOutput,
        @PositiveOrZero @Max(SyncGroups.MAX_SIZE - 1) int rank,
        long step,
        double @Nullable [] sumDy,
        double @Nullable [] sumDyXmu)
        implements ApiRequest {

    public SyncPart part(RequestFingerprint fingerprint) {
        return new SyncPart(rank, step, fingerprint.value());
    }

    /// @throws InvalidField when a sum is present beside the gradient
    public void requireNoSums() {
        MomentsFields.rejectPresent("sum_dy", sumDy, "grad_output");
        MomentsFields.rejectPresent("sum_dy_xmu", sumDyXmu, "grad_output");
    }

    /// @throws InvalidField when absent
    public double[] requireSumDy() {
        return required(sumDy);
    }

    /// @throws InvalidField when absent
    public double[] requireSumDyXmu() {
        return required(sumDyXmu);
    }

    private static double[] required(double @Nullable [] sum) {
        if (sum == null) {
            throw new InvalidField(
                    "grad_output",
                    "\"grad_output\" is required, or \"sum_dy\" and \"sum_dy_xmu\" of one");
        }
        return sum;
    }
}
