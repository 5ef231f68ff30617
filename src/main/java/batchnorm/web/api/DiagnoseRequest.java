package batchnorm.web.api;

import batchnorm.codec.InvalidField;
import batchnorm.diagnosis.Evidence;
import batchnorm.normalization.Convention;
import batchnorm.normalization.ForwardPass.Mode;
import batchnorm.tensor.DecimalText;
import batchnorm.tensor.Tensor;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.PositiveOrZero;
import org.jspecify.annotations.Nullable;

/// The inputs and the results of an implementation, as far as they are known.
///
/// @param otherInput of another forward pass, whose saved values a backward pass may have used
@TensorBody(bareArray = false)
public record DiagnoseRequest(
        Tensor input,
        @Nullable Tensor output,
        double @Nullable [] gamma,
        double @Nullable [] beta,
        @PositiveOrZero @Nullable Double epsilon,
        double @Nullable [] runningMeanBefore,
        double @Nullable [] runningVarBefore,
        double @Nullable [] runningMeanAfter,
        double @Nullable [] runningVarAfter,
        @PositiveOrZero @DecimalMax("1") @Nullable Double momentum,
        @Nullable Tensor gradOutput,
        @Nullable Tensor gradInput,
        double @Nullable [] gradGamma,
        double @Nullable [] gradBeta,
        @Nullable Tensor otherInput,
        @Nullable Mode mode,
        @Nullable Convention convention)
        implements ApiRequest {

    /// @throws InvalidField when a number is out of range
    public DiagnoseRequest {
        if (epsilon != null && !(epsilon >= 0 && epsilon < Double.POSITIVE_INFINITY)) {
            throw new InvalidField(
                    "epsilon",
                    "\"epsilon\" is " + DecimalText.of(epsilon) + "; it must be 0 or more");
        }
        if (momentum != null && !(momentum >= 0 && momentum <= 1)) {
            throw new InvalidField(
                    "momentum",
                    "\"momentum\" is " + DecimalText.of(momentum) + "; it must be from 0 to 1");
        }
    }

    /// @throws InvalidField when there is no result to compare
    public Evidence evidence() {
        if (gradOutput == null && (gradInput != null || gradGamma != null || gradBeta != null)) {
            throw new InvalidField(
                    "grad_output", "\"grad_output\" is required to compare gradients");
        }
        Evidence evidence =
                new Evidence(
                        input,
                        otherInput,
                        output,
                        gamma,
                        beta,
                        epsilon,
                        runningMeanBefore,
                        runningVarBefore,
                        runningMeanAfter,
                        runningVarAfter,
                        momentum,
                        gradOutput,
                        gradInput,
                        gradGamma,
                        gradBeta,
                        mode,
                        convention);
        if (!evidence.hasResults()) {
            throw new InvalidField(
                    "output",
                    "there is no result to diagnose; send \"output\", or \"running_mean_after\" and"
                            + " \"running_var_after\", or \"grad_output\" with \"grad_input\"");
        }
        return evidence;
    }
}
