package batchnorm.normalization;

import java.util.Locale;

/// A warning about the state of a layer.
///
/// @param sentence for people
public record Warning(Code code, String sentence) {

    /// The subject of a warning, for programs.
    public enum Code {
        /// A value is NaN or infinite.
        NON_FINITE,
        /// `running_var + epsilon` is 0 or less, so inference is rejected.
        VARIANCE_NOT_POSITIVE,
        NEGATIVE_VARIANCE,
        ZERO_VARIANCE,
        /// A variance is less than ten times epsilon.
        SMALL_VARIANCE,
        /// Running statistics are the initial ones.
        UNTRAINED,
        /// Statistics are set, but no batch is counted.
        UNCOUNTED,
        /// Initial values still have a share in the running statistics.
        INITIAL_SHARE,
        /// A mean is many deviations from 0, beyond the resolution of FP32.
        FP32_DIGITS,
        /// The last batch lay far from the running statistics.
        DRIFT,
        /// The layer has no running statistics.
        NO_STATISTICS,
        /// A gamma is 0 beside the others.
        DEAD_CHANNEL,
        /// Nearly all outputs of a channel are negative.
        SATURATED_CHANNEL;

        /// Returns the name in responses: `non-finite`.
        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }
}
