package batchnorm.diagnosis;

import batchnorm.normalization.Convention;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An explanation of the numbers of one aspect.
///
/// @param what a sentence
/// @param convention a convention that gives these numbers, if the aspect is right
/// @param mistake null if the aspect is right
/// @param fits whether the formula gives these numbers, within their rounding
/// @param precision the rounding that the numbers show: `FP32`, or `4 decimals`
/// @param maxError the largest absolute difference between the numbers and the formula's
/// @param ulps the same in units in the last place of the precision, at the size of the terms
/// @param formula the implementation's
/// @param rightFormula the right one
/// @param epsilon the epsilon in the formula; null for a running update
/// @param axes the reduced axes, if they are wrong
/// @param alpha the weight of the batch in a running update
/// @param worst the number with the largest difference from the right formula
public record Finding(
        Aspect aspect,
        String what,
        @Nullable Convention convention,
        @Nullable Mistake mistake,
        boolean fits,
        String precision,
        double maxError,
        double ulps,
        String remedy,
        String formula,
        String rightFormula,
        @Nullable Double epsilon,
        @Nullable List<Integer> axes,
        @Nullable Double alpha,
        @Nullable Place worst) {

    /// A number of the implementation and the right one.
    ///
    /// @param tensor the field of the request
    /// @param index one coordinate per axis
    public record Place(String tensor, List<Integer> index, double found, double expected) {}
}
