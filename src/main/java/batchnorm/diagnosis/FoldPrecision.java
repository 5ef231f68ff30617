package batchnorm.diagnosis;

import batchnorm.tensor.DataType;
import batchnorm.tensor.Tensor;
import java.util.List;

/// The rounding that folded numbers have, and the errors that it explains.
///
/// A fold in the arithmetic of the numbers' own type is right: `w * (gamma * rsqrt(var + eps))`
/// rounds at most six times (sum, root, quotient, two products, and once more for a reciprocal
/// root), so eight units in relation to the result are allowed. The bias adds terms that may
/// cancel: eight units in relation to the sum of their sizes, and for a sum of n products √n more
/// (Higham, "Accuracy and Stability of Numerical Algorithms", 4.2).
///
/// @param dataType the narrowest type of which all numbers are values
record FoldPrecision(DataType dataType) {
    private static final int ROUNDINGS = 8;

    static FoldPrecision of(Tensor weight, Tensor bias) {
        if (weight.dataType() != DataType.FP64 || bias.dataType() != DataType.FP64) {
            boolean isWeightWider = weight.dataType().bytes() >= bias.dataType().bytes();
            DataType narrower = isWeightWider ? bias.dataType() : weight.dataType();
            return new FoldPrecision(narrower);
        }
        // JSON has binary64 numbers, which many programs print from arrays of FP32.
        boolean isFp32 = List.of(weight, bias).stream().allMatch(FoldPrecision::isFp32);
        return new FoldPrecision(isFp32 ? DataType.FP32 : DataType.FP64);
    }

    private static boolean isFp32(Tensor tensor) {
        for (int i = 0; i < tensor.shape().elements(); i++) {
            double value = tensor.at(i);
            float narrow = (float) value;
            if (narrow != value && Double.parseDouble(Float.toString(narrow)) != value) {
                return false;
            }
        }
        return true;
    }

    private double unit() {
        return switch (dataType) {
            case FP64 -> 0x1p-53;
            case FP32 -> 0x1p-24;
            case FP16 -> 0x1p-11;
            case BF16 -> 0x1p-8;
        };
    }

    /// Returns the spacing of the smallest numbers.
    private double smallest() {
        return switch (dataType) {
            case FP64 -> Double.MIN_VALUE;
            case FP32 -> Float.MIN_VALUE;
            case FP16 -> 0x1p-24;
            case BF16 -> 0x1p-133;
        };
    }

    /// Returns the error that rounding explains.
    ///
    /// @param size the sum of the sizes of the terms
    /// @param terms how many products are added
    double slack(double size, int terms) {
        return (ROUNDINGS + Math.sqrt(terms)) * unit() * size + smallest();
    }
}
