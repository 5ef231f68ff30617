package batchnorm.normalization;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A layer converted to another convention, with the same results in inference.
///
/// - Epsilon becomes the convention's, and `running_var += ε_old - ε_new`. The sum under the root
///   changes by at most three roundings, and an output by at most four units in the last place of
///   `γ·xhat`. Epsilon stays if a variance would become negative.
/// - Momentum is converted to the convention's meaning; the weight of a new batch stays.
/// - The averaged variance, and the policy for one value per channel, become the convention's. They
///   affect training only; past averages cannot be recomputed.
/// - The division of a tensor into channels, and the layer's vectors, stay: equal tensors have
///   equal outputs.
///
/// @param config the knobs in the new convention
/// @param running null when the layer has none, or none yet
/// @param knobs the treatment of each knob
/// @param notExact the behaviour that differs from before, or from the convention
public record Conversion(
        Config config,
        @Nullable RunningStatistics running,
        List<KnobChange> knobs,
        List<NotExact> notExact) {

    /// The treatment of a knob.
    public enum Treatment {
        /// The value is unchanged.
        KEPT,
        /// The value is written differently and has the same meaning.
        RE_EXPRESSED,
        /// The meaning has changed.
        CHANGED
    }

    /// @param before in the form of [Knob#text]
    public record KnobChange(String knob, String before, String after, Treatment treatment) {}

    /// @param what the knob or the behaviour
    public record NotExact(String what, String why) {}

    /// @param running null when the layer tracks none, or none yet
    public static Conversion of(
            Config config, @Nullable RunningStatistics running, Convention convention) {
        return new Converter(config, running, convention).convert();
    }
}
