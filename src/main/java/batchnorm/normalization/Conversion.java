package batchnorm.normalization;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A layer said again in another convention's words, so that inference answers the same.
///
/// - epsilon becomes the convention's, and `running_var += ε_old - ε_new`: the sum that inference
///   takes the root of stays within three roundings of what it was, so an output differs by at most
///   four units in the last place of `γ·xhat`. Where that would make a variance negative, epsilon
///   stays.
/// - momentum is said in the convention's direction; the weight of a new batch stays.
/// - Which variance is averaged, and what one value per channel does, becomes the convention's.
///   That concerns training from now on; what was averaged so far cannot be known in the other way.
/// - How a tensor falls into channels, and which vectors the layer has, stays: the same tensors
///   then give the same outputs.
///
/// @param config the knobs in the new convention
/// @param running null when the layer has none, or none yet
/// @param knobs what became of each knob
/// @param notExact what behaves otherwise than before, or otherwise than the convention would
public record Conversion(
        Config config,
        @Nullable RunningStatistics running,
        List<KnobChange> knobs,
        List<NotExact> notExact) {

    /// What became of a knob.
    public enum Treatment {
        /// It is as it was.
        KEPT,
        /// It is written in another way and means the same.
        RE_EXPRESSED,
        /// It means something else now.
        CHANGED
    }

    /// @param before as [Knob#text] writes it
    public record KnobChange(String knob, String before, String after, Treatment treatment) {}

    /// @param what the knob or the behaviour
    public record NotExact(String what, String why) {}

    /// @param running null when the layer tracks none, or none yet
    public static Conversion of(
            Config config, @Nullable RunningStatistics running, Convention convention) {
        return new Converter(config, running, convention).convert();
    }
}
