package batchnorm.diagnosis;

import batchnorm.normalization.Convention;
import batchnorm.normalization.ForwardPass.Mode;
import batchnorm.normalization.NonFiniteValue;
import batchnorm.normalization.ShapeMismatch;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The inputs and the results of an implementation, as far as they are known.
///
/// @param input of rank 2 or more
/// @param otherInput the input of another forward pass, of the same shape
/// @param output of the input's shape
/// @param gamma null for 1
/// @param beta null for 0
/// @param mode null if it is not known
/// @param convention the convention that the implementation follows; null for any
public record Evidence(
        Tensor input,
        @Nullable Tensor otherInput,
        @Nullable Tensor output,
        double @Nullable [] gamma,
        double @Nullable [] beta,
        @Nullable Double epsilon,
        double @Nullable [] runningMeanBefore,
        double @Nullable [] runningVarBefore,
        double @Nullable [] runningMeanAfter,
        double @Nullable [] runningVarAfter,
        @Nullable Double momentum,
        @Nullable Tensor gradOutput,
        @Nullable Tensor gradInput,
        double @Nullable [] gradGamma,
        double @Nullable [] gradBeta,
        @Nullable Mode mode,
        @Nullable Convention convention) {

    public Evidence {
        if (input.shape().elements() == 0) {
            throw new ShapeMismatch(
                    "input",
                    "input has shape "
                            + input.shape()
                            + " and no elements; a diagnosis needs one row or more");
        }
        requireFinite("input", input);
        checkTensor("output", output, input.shape());
        checkTensor("grad_output", gradOutput, input.shape());
        checkTensor("grad_input", gradInput, input.shape());
        checkTensor("other_input", otherInput, input.shape());
        requireFinite("gamma", gamma);
        requireFinite("beta", beta);
        requireFinite("running_mean_before", runningMeanBefore);
        requireFinite("running_var_before", runningVarBefore);
        requireFinite("running_mean_after", runningMeanAfter);
        requireFinite("running_var_after", runningVarAfter);
        requireFinite("grad_gamma", gradGamma);
        requireFinite("grad_beta", gradBeta);
    }

    /// Returns the vectors that are present, by their names.
    Map<String, double[]> vectors() {
        Map<String, double[]> present = new LinkedHashMap<>();
        put(present, "gamma", gamma);
        put(present, "beta", beta);
        put(present, "running_mean_before", runningMeanBefore);
        put(present, "running_var_before", runningVarBefore);
        put(present, "running_mean_after", runningMeanAfter);
        put(present, "running_var_after", runningVarAfter);
        put(present, "grad_gamma", gradGamma);
        put(present, "grad_beta", gradBeta);
        return present;
    }

    boolean hasRunningUpdate() {
        return runningMeanAfter != null || runningVarAfter != null;
    }

    boolean hasGradients() {
        return gradOutput != null && (gradInput != null || gradGamma != null || gradBeta != null);
    }

    /// Returns whether there is a result to compare.
    public boolean hasResults() {
        return output != null || hasRunningUpdate() || hasGradients();
    }

    /// Returns the mode of the pass; a pass that changes the running statistics is a training pass.
    @Nullable Mode effectiveMode() {
        if (mode != null) {
            return mode;
        }
        return differ(runningMeanBefore, runningMeanAfter)
                        || differ(runningVarBefore, runningVarAfter)
                ? Mode.TRAIN
                : null;
    }

    private static boolean differ(double @Nullable [] before, double @Nullable [] after) {
        return before != null && after != null && !Arrays.equals(before, after);
    }

    private static void put(
            Map<String, double[]> present, String name, double @Nullable [] vector) {
        if (vector != null) {
            present.put(name, vector);
        }
    }

    private static void checkTensor(String name, @Nullable Tensor tensor, Shape shape) {
        if (tensor == null) {
            return;
        }
        if (!tensor.shape().equals(shape)) {
            throw new ShapeMismatch(
                    name,
                    name
                            + " has shape "
                            + tensor.shape()
                            + ", but input has shape "
                            + shape
                            + "; both must have the same shape");
        }
        requireFinite(name, tensor);
    }

    private static void requireFinite(String name, Tensor tensor) {
        for (int i = 0; i < tensor.shape().elements(); i++) {
            if (!Double.isFinite(tensor.at(i))) {
                throw nonFinite(tensor.shape().place(name, i), tensor.at(i));
            }
        }
    }

    private static void requireFinite(String name, double @Nullable [] vector) {
        for (int c = 0; vector != null && c < vector.length; c++) {
            if (!Double.isFinite(vector[c])) {
                throw nonFinite(name + "[" + c + "]", vector[c]);
            }
        }
    }

    private static NonFiniteValue nonFinite(String place, double value) {
        return new NonFiniteValue(
                place,
                place
                        + " is "
                        + value
                        + "; a diagnosis compares finite numbers. Leave out the rows that hold others");
    }
}
