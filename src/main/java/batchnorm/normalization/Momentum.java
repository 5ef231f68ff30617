package batchnorm.normalization;

import batchnorm.normalization.Knob.MomentumMeaning;
import batchnorm.tensor.DecimalText;
import org.jspecify.annotations.Nullable;

/// The momentum of running statistics.
///
/// With `d` the weight that the running value keeps, a plain exponential average has `alpha = 1 -
/// d`. A debiased one divides its sum from 0, `h += (1-d)·(x-h)`, by the total weight `1 - d^t` of
/// its batches (Kingma and Ba, 2015, section 3). The quotient is the same recursion with `alpha =
/// (1-d)/(1-d^t)`: 1 for the first batch, `1 - d` in the limit of many. Caffe's sums, `s = f·s + x`
/// divided by their scale factor `f·n + 1`, have the same weights for `d = f`.
///
/// @param value from 0 to 1, or null for the cumulative average
/// @param zeroDebias whether the average is debiased, so that the initial statistics have no weight
public record Momentum(@Nullable Double value, MomentumMeaning meaning, boolean zeroDebias) {
    public Momentum {
        if (value != null && !(value >= 0 && value <= 1)) {
            throw new InvalidConfig(
                    "momentum",
                    "momentum is "
                            + DecimalText.of(value)
                            + "; it must be from 0 to 1, or null for the cumulative average");
        }
    }

    /// Returns whether the first batch replaces the initial statistics.
    boolean replacesInitial() {
        return value == null || zeroDebias;
    }

    /// Returns the weight of a training batch in either meaning.
    ///
    /// @param batch its number `t`, counted from 1
    double alpha(long batch) {
        if (value == null) {
            return 1.0 / batch;
        }
        double constant = meaning == MomentumMeaning.NEW_WEIGHT ? value : 1 - value;
        return zeroDebias ? debiased(constant, batch) : constant;
    }

    /// Returns `(1-d)/(1-d^t)`. The total weight is computed without cancellation, and by
    /// [StrictMath], so that every replica has the same bits. Its limit for `d = 1` is the
    /// cumulative average.
    private double debiased(double constant, long batch) {
        if (constant == 0) {
            return 1.0 / batch;
        }
        if (batch == 1) {
            return 1;
        }
        return constant / -StrictMath.expm1(batch * logOfKept(constant));
    }

    private double logOfKept(double constant) {
        return value != null && meaning == MomentumMeaning.OLD_WEIGHT
                ? StrictMath.log(value)
                : StrictMath.log1p(-constant);
    }
}
