package batchnorm.normalization;

import batchnorm.tensor.DecimalText;
import org.jspecify.annotations.Nullable;

/// The limits of Batch Renormalization (Ioffe 2017). A training batch is normalized as `xhat =
/// (x-mean)·s·r + d`: the same as inference unless a limit applies. With `σ = √(running_var+ε)`
/// before the step, `r = √(var+ε)/σ` within `[1/r_max, r_max]` and `d = (mean-running_mean)/σ`
/// within `[-d_max, d_max]`. Both are constants in the derivative. `r_max = 1, d_max = 0` is plain
/// batch normalization, the usual start of training.
public record Renorm(double rMax, double dMax) {
    public Renorm {
        if (!(rMax >= 1 && rMax < Double.POSITIVE_INFINITY)) {
            throw new InvalidConfig(
                    "r_max", "r_max is " + DecimalText.of(rMax) + "; it must be 1 or more");
        }
        if (!(dMax >= 0 && dMax < Double.POSITIVE_INFINITY)) {
            throw new InvalidConfig(
                    "d_max", "d_max is " + DecimalText.of(dMax) + "; it must be 0 or more");
        }
    }

    /// @return null for a layer without renormalization
    /// @throws InvalidConfig when only one limit is set
    public static @Nullable Renorm of(@Nullable Double rMax, @Nullable Double dMax) {
        if (rMax == null && dMax == null) {
            return null;
        }
        if (rMax == null || dMax == null) {
            throw new InvalidConfig(
                    rMax == null ? "r_max" : "d_max",
                    "r_max and d_max go together: both numbers, or both null");
        }
        return new Renorm(rMax, dMax);
    }

    double r(double ratio) {
        return Math.clamp(ratio, 1 / rMax, rMax);
    }

    double d(double distance) {
        return Math.clamp(distance, -dMax, dMax);
    }
}
