package batchnorm.normalization;

import batchnorm.tensor.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Locates a non-finite number and distinguishes invalid input from overflow.
final class Finiteness {
    private Finiteness() {}

    /// Returns the reason for a non-finite moment of a batch.
    ///
    /// @param channel the first channel with such a moment
    static RuntimeException ofMoments(Tensor input, int channel, int count) {
        int index = firstNonFinite(input);
        if (index >= 0) {
            String place = input.shape().place("input", index);
            return new NonFiniteValue(
                    place,
                    place
                            + " is "
                            + input.at(index)
                            + "; training on it would spoil the running statistics. Send finite numbers, or"
                            + " create the layer with \"non_finite\": \"propagate\"");
        }
        return new NonFiniteResult(
                "the variance of channel "
                        + channel
                        + " overflows binary64, though its "
                        + count
                        + " values are finite; scale the input down");
    }

    /// Returns the reason why `1/√(var+ε)` does not exist.
    static NonFiniteResult ofDeviation(int channel, double variance, double epsilon) {
        return new NonFiniteResult(
                "channel "
                        + channel
                        + " has variance "
                        + variance
                        + " and epsilon "
                        + epsilon
                        + ", whose sum is not positive, so 1/sqrt(variance + epsilon) does not exist; correct"
                        + " running_var or raise epsilon");
    }

    /// @throws NonFiniteValue for the first non-finite element
    static void requireFinite(String name, Tensor tensor) {
        int index = firstNonFinite(tensor);
        if (index >= 0) {
            String place = tensor.shape().place(name, index);
            throw new NonFiniteValue(
                    place, place + " is " + tensor.at(index) + "; it must be finite here");
        }
    }

    /// @throws NonFiniteResult when a result is not finite, though all of its sources are
    static void requireFinite(String name, ComputedTensor result, Tensor... sources) {
        if (!result.finite()) {
            requireFinite(name, result.tensor(), sources);
        }
    }

    /// @throws NonFiniteResult when a tensor is not finite, though all of its sources are
    static void requireFinite(String name, Tensor tensor, Tensor... sources) {
        int index = firstNonFinite(tensor);
        if (index < 0 || !allFinite(sources)) {
            return;
        }
        throw new NonFiniteResult(
                tensor.shape().place(name, index)
                        + " overflows "
                        + tensor.dataType()
                        + "; scale the numbers down, or use a wider datatype");
    }

    /// @throws NonFiniteResult when a vector is not finite, though all of its sources are
    static void requireFinite(String name, double @Nullable [] vector, Tensor... sources) {
        if (vector == null) {
            return;
        }
        for (int c = 0; c < vector.length; c++) {
            if (!Double.isFinite(vector[c])) {
                if (allFinite(sources)) {
                    throw new NonFiniteResult(
                            name + "[" + c + "] overflows binary64; scale the numbers down");
                }
                return;
            }
        }
    }

    private static boolean allFinite(Tensor... tensors) {
        return Arrays.stream(tensors).allMatch(tensor -> firstNonFinite(tensor) < 0);
    }

    private static int firstNonFinite(Tensor tensor) {
        for (int i = 0; i < tensor.shape().elements(); i++) {
            if (!Double.isFinite(tensor.at(i))) {
                return i;
            }
        }
        return -1;
    }
}
