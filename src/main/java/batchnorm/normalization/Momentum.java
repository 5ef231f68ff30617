package batchnorm.normalization;

import batchnorm.normalization.Knob.MomentumMeaning;
import batchnorm.tensor.DecimalText;
import org.jspecify.annotations.Nullable;

/// The momentum of running statistics.
///
/// @param value from 0 to 1, or null for the cumulative average
public record Momentum(@Nullable Double value, MomentumMeaning meaning) {
    public Momentum {
        if (value != null && !(value >= 0 && value <= 1)) {
            throw new InvalidConfig(
                    "momentum",
                    "momentum is "
                            + DecimalText.of(value)
                            + "; it must be from 0 to 1, or null for the cumulative average");
        }
    }

    /// Returns the weight of a training batch in either meaning.
    ///
    /// @param batch its number `t`, counted from 1
    double alpha(long batch) {
        if (value == null) {
            return 1.0 / batch;
        }
        return meaning == MomentumMeaning.NEW_WEIGHT ? value : 1 - value;
    }
}
