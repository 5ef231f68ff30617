package batchnorm.web.api;

import batchnorm.codec.InvalidField;
import batchnorm.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/// A member's output gradient, or its sums.
///
/// @param sumDy per channel, replaces the gradient
/// @param sumDyXmu per channel, of the gradient times the deviation from the mean
@TensorBody
public record SyncBackwardRequest(
        @Nullable Tensor gradOutput,
        @Unwrapped MemberStep member,
        double @Nullable [] sumDy,
        double @Nullable [] sumDyXmu)
        implements ApiRequest {
    private static final String INSTEAD_OF_GRADIENT =
            "\"%s\" replaces \"grad_output\"; send only one of them";

    /// @throws InvalidField when a sum is present beside the gradient
    public void requireNoSums() {
        Conflicts.rejectPresent("sum_dy", sumDy, INSTEAD_OF_GRADIENT);
        Conflicts.rejectPresent("sum_dy_xmu", sumDyXmu, INSTEAD_OF_GRADIENT);
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
