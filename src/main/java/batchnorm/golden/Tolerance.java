package batchnorm.golden;

/// The largest error of an implementation: `|got - expected|`, divided by the largest `|expected|`
/// of the same vector. The divisor of the gradient by the input is [GoldenStep#gradInputScale].
///
/// @param forward of outputs
/// @param backward of gradients
/// @param state of the statistics of batches and running statistics
public record Tolerance(double forward, double backward, double state) {

    /// Returns the tolerance with statistics in binary64. The mean of binary64 data has an error of
    /// up to `2·u·|mean|`, from the sum and from the quotient; FP32 data is exact in binary64.
    static Tolerance ofBinary64(boolean narrow, double condition) {
        if (narrow) {
            return new Tolerance(4e-7, 2e-6, 1e-6);
        }
        double slack = Math.max(1, 2 * 0x1p-53 * condition / 1e-12);
        return new Tolerance(1e-12 * slack, 1e-11 * slack, 1e-12 * slack);
    }

    /// Returns the tolerance with all arithmetic in the datatype of unit roundoff `u`, by two
    /// passes. An error `u·|mean|` of the mean moves every deviation, and adds its square to the
    /// variance.
    static Tolerance ofWorkingPrecision(boolean narrow, double condition) {
        Tolerance least = ofBinary64(narrow, condition);
        double lost = (narrow ? 0x1p-24 : 0x1p-53) * condition;
        return new Tolerance(
                Math.max(least.forward(), 4 * lost),
                Math.max(least.backward(), 8 * lost),
                Math.max(least.state(), 4 * lost * lost));
    }
}
