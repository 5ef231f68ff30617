package batchnorm.optimizer;

import batchnorm.tensor.DecimalText;
import org.jspecify.annotations.Nullable;

/// A rule that updates a vector of parameters from its gradient, in binary64.
///
/// The operations, their order and their roundings are those of `torch.optim` on a CPU, where
/// adding a multiple is a fused multiply-add: the results agree bit for bit. (Where a vector does
/// not fill PyTorch's SIMD registers, or β₁ is below 1/2, PyTorch differs in the last bit.)
public sealed interface Optimizer permits Sgd, Adam {

    /// Returns the kind of state that the rule accepts.
    Memory.Kind kind();

    /// @param parameter not written
    /// @param gradient of its length
    /// @param memory of this parameter, of this [#kind]; null before the first step
    Update update(double[] parameter, double[] gradient, @Nullable Memory memory);

    /// @param parameter after the step
    record Update(double[] parameter, Memory memory) {}

    /// @throws InvalidOptimizer unless the number is at least `least` and below `limit`
    private static void require(String field, double value, double least, double limit) {
        if (!(value >= least && value < limit)) {
            throw new InvalidOptimizer(
                    field,
                    field
                            + " is "
                            + DecimalText.of(value)
                            + "; it must be at least "
                            + (long) least
                            + (limit < Double.POSITIVE_INFINITY
                                    ? " and below " + (long) limit
                                    : " and finite"));
        }
    }

    static void requireNotNegative(String field, double value) {
        require(field, value, 0, Double.POSITIVE_INFINITY);
    }

    static void requireBelowOne(String field, double value) {
        require(field, value, 0, 1);
    }

    /// Returns `gradient + decay·parameter`: decay as a part of the loss.
    static double[] decayed(double[] parameter, double[] gradient, double decay) {
        if (decay == 0) {
            return gradient;
        }
        double[] decayed = new double[gradient.length];
        for (int c = 0; c < decayed.length; c++) {
            decayed[c] = Math.fma(decay, parameter[c], gradient[c]);
        }
        return decayed;
    }
}
