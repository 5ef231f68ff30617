package batchnorm.normalization;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Diagnoses whether running statistics are fit for inference.
///
/// @param updateWeight the total weight of the counted batches in the statistics: `1-(1-α)^t` after
///   `t` batches of constant α, 1 after the first of a cumulative or debiased average; null when
///   none are tracked. Past changes of momentum are not recorded: the current α is assumed for all
///   batches
/// @param initialShare the remaining weight of the initial values, `(1-α)^t`
/// @param smallestVariance the smallest finite variance; null when there is none
/// @param meanToDeviation the largest `|running_mean|/√running_var`; null when no variance is
///   positive
/// @param warnings the most serious first; empty if the layer is healthy
public record Health(
        boolean neverTrained,
        @Nullable Double updateWeight,
        @Nullable Double initialShare,
        @Nullable Extreme smallestVariance,
        @Nullable Extreme meanToDeviation,
        List<Warning> warnings) {

    /// The extreme value of one channel.
    public record Extreme(int channel, double value) {}

    /// @param running null when the layer tracks none, or its number of features is undecided
    /// @param drifts the drifts of the last batches, the latest last; see [Drift]
    public static Health of(Config config, @Nullable RunningStatistics running, double... drifts) {
        if (running == null) {
            boolean tracks = config.trackRunningStats();
            return new Health(
                    true,
                    tracks ? 0.0 : null,
                    tracks ? 1.0 : null,
                    null,
                    null,
                    Warnings.withoutStatistics(config));
        }
        double share = initialShare(config, running.batches());
        return new Health(
                running.batches() == 0,
                updateWeight(config, running.batches()),
                share,
                smallestVariance(running),
                meanToDeviation(running),
                new Warnings(config, running, share).all(drifts));
    }

    /// Returns the decimal digits that an FP32 input of such a channel has lost before any
    /// computation. The spacing of floats near a mean is `|mean|·2⁻²³`, or `|mean|/deviation` times
    /// as large relative to the deviation.
    public double fp32DigitsLost() {
        return meanToDeviation == null ? 0 : digits(meanToDeviation.value());
    }

    static double digits(double ratio) {
        return Math.max(0, Math.log10(ratio));
    }

    private static double updateWeight(Config config, long batches) {
        return batches == 0 ? 0 : -Math.expm1(logOfShare(config, batches));
    }

    private static double initialShare(Config config, long batches) {
        return batches == 0 ? 1 : Math.exp(logOfShare(config, batches));
    }

    /// Returns `t·log(1-α)`. The first batch of a cumulative or debiased average replaces the
    /// initial values.
    private static double logOfShare(Config config, long batches) {
        return config.momentum().replacesInitial()
                ? Double.NEGATIVE_INFINITY
                : batches * Math.log1p(-config.alpha(batches));
    }

    private static @Nullable Extreme smallestVariance(RunningStatistics running) {
        Extreme smallest = null;
        for (int c = 0; c < running.variance().length; c++) {
            double variance = running.variance()[c];
            boolean isLess = smallest == null || variance < smallest.value();
            if (isLess && Double.isFinite(variance)) {
                smallest = new Extreme(c, variance);
            }
        }
        return smallest;
    }

    static @Nullable Extreme meanToDeviation(RunningStatistics running) {
        Extreme largest = null;
        for (int c = 0; c < running.variance().length; c++) {
            double ratio = Math.abs(running.mean()[c]) / Math.sqrt(running.variance()[c]);
            boolean isMore = largest == null || ratio > largest.value();
            if (isMore && Double.isFinite(ratio)) {
                largest = new Extreme(c, ratio);
            }
        }
        return largest;
    }
}
