package batchnorm.normalization;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Whether running statistics are fit to infer with.
///
/// @param updateWeight what the counted batches weigh in the statistics together, `1-(1-α)^t` after
///   `t` batches of one α, 1 after the first of a cumulative average; null when none are tracked.
///   The layer does not remember that its momentum was changed: α is taken to have been the same
///   for all
/// @param initialShare what the initial values still weigh, `(1-α)^t`
/// @param smallestVariance of the finite ones; null when there is none
/// @param meanToDeviation the largest `|running_mean|/√running_var`; null when no variance is
///   positive
/// @param warnings sentences for people, the most serious first; none when all is well
public record Health(
        boolean neverTrained,
        @Nullable Double updateWeight,
        @Nullable Double initialShare,
        @Nullable Extreme smallestVariance,
        @Nullable Extreme meanToDeviation,
        List<String> warnings) {

    /// One channel's value that no other exceeds.
    public record Extreme(int channel, double value) {}

    /// @param running null when the layer tracks none, or no batch has decided its features yet
    /// @param drifts of the last batches, the latest last; see [Drift]
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

    /// Decimal digits that an FP32 input of such a channel has lost before anybody computes with
    /// it: the float next to a mean lies `|mean|·2⁻²³` away, which is `|mean|/deviation` times as
    /// much of the deviation.
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

    /// `t·log(1-α)`. The first batch of a cumulative average replaces the initial values.
    private static double logOfShare(Config config, long batches) {
        return config.momentum().value() == null
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
