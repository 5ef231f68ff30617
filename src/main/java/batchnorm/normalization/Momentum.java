package batchnorm.normalization;

import batchnorm.normalization.Knob.MomentumMeaning;
import batchnorm.tensor.DecimalText;
import org.jspecify.annotations.Nullable;

/// How running statistics follow the batches.
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

    /// The weight of a training batch, whichever way the value is meant.
    ///
    /// @param batch its number `t`, counted from 1
    double alpha(long batch) {
        if (value == null) {
            return 1.0 / batch;
        }
        return meaning == MomentumMeaning.NEW_WEIGHT ? value : 1 - value;
    }
}
