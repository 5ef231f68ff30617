package batchnorm.normalization;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/// Warnings about inference with given running statistics.
final class Warnings {
    /// The share of the initial values below which no warning is given.
    private static final double SHARE = 0.01;

    /// The number of lost digits, of FP32's 7.2, from which a warning is given.
    private static final double DIGITS = 3;

    /// The drift, in running deviations, from which a warning is given.
    private static final double DRIFT = 1;

    /// The ratio of a variance to epsilon below which a warning is given: outputs there spread less
    /// than 95 % as far as gamma specifies.
    private static final double BESIDE_EPSILON = 10;

    private final Config config;
    private final RunningStatistics running;
    private final double share;
    private final List<String> sentences = new ArrayList<>();

    /// @param share the remaining weight of the initial values
    Warnings(Config config, RunningStatistics running, double share) {
        this.config = config;
        this.running = running;
        this.share = share;
    }

    static List<String> withoutStatistics(Config config) {
        return List.of(
                config.trackRunningStats()
                        ? "no batch has decided the features yet: inference would use mean 0 and variance "
                                + number(config.convention().initialVariance())
                        : "the layer tracks no running statistics: inference normalizes every batch with its"
                                + " own, so the output of a row depends on the other rows");
    }

    List<String> all(double... drifts) {
        aboutNonFinite();
        aboutVariances();
        warnOfTraining();
        aboutDigits();
        aboutDrift(drifts);
        return List.copyOf(sentences);
    }

    private void aboutNonFinite() {
        warnOfChannels(
                c -> !Double.isFinite(running.mean()[c]) || !Double.isFinite(running.variance()[c]),
                "running statistics are not finite",
                "a batch had NaN or infinity, which \"non_finite\": \"propagate\" admits; reset the layer");
    }

    private void aboutVariances() {
        double[] variance = running.variance();
        double epsilon = config.epsilon();
        warnOfChannels(
                c -> variance[c] + epsilon <= 0,
                "running_var + epsilon is not positive",
                "inference is rejected; correct running_var or raise epsilon");
        if (epsilon == 0 || running.batches() == 0) {
            return;
        }
        warnOfChannels(
                c -> variance[c] == 0,
                "running_var is 0",
                "either those batches were constant, or the values come from code that leaves"
                        + " (1 - momentum) * var out of its update, as printed in a well-known text; inference"
                        + " divides by sqrt(epsilon) there and multiplies deviations by "
                        + number(1 / Math.sqrt(epsilon)));
        aboutEpsilon(c -> variance[c] > 0 && variance[c] < BESIDE_EPSILON * epsilon, epsilon);
    }

    private void aboutEpsilon(IntPredicate isBeside, double epsilon) {
        double smallest =
                IntStream.range(0, running.variance().length)
                        .filter(isBeside)
                        .mapToDouble(c -> running.variance()[c])
                        .min()
                        .orElse(epsilon);
        warnOfChannels(
                isBeside,
                "running_var is less than ten times epsilon",
                "epsilon is a large part of the deviation there; outputs spread down to "
                        + percent(Math.sqrt(smallest / (smallest + epsilon)))
                        + " as far as gamma specifies, and gradients of the input are multiplied by up to "
                        + number(1 / Math.sqrt(epsilon))
                        + ", 1 / sqrt(epsilon); lower epsilon, scale the input up, or drop a channel"
                        + " that never changes");
    }

    /// Adds one warning for all channels that match.
    private void warnOfChannels(IntPredicate isTrueOf, String fact, String consequence) {
        int[] channels = IntStream.range(0, running.variance().length).filter(isTrueOf).toArray();
        if (channels.length > 0) {
            sentences.add(
                    fact
                            + (channels.length == 1
                                    ? " in channel " + channels[0]
                                    : " in "
                                            + channels.length
                                            + " channels, the first of which is "
                                            + channels[0])
                            + ": "
                            + consequence);
        }
    }

    private void warnOfTraining() {
        double initial = config.convention().initialVariance();
        if (running.batches() == 0) {
            sentences.add(
                    isInitial(initial)
                            ? "no batch has been counted: inference uses the initial mean 0 and variance "
                                    + number(initial)
                            : "no batch has been counted, though statistics are set: if they come from elsewhere,"
                                    + " set num_batches_tracked, too, so that the next batch has its right weight");
        } else if (share == 1) {
            sentences.add(
                    "alpha is 0: batches do not change the running statistics, which are still the initial ones");
        } else if (share > SHARE && initial == 0) {
            warnOfAmplification();
        } else if (share > SHARE) {
            sentences.add(
                    percent(share)
                            + " of the running statistics are still their initial values, mean 0 and variance "
                            + number(initial)
                            + "; "
                            + batchesToCome()
                            + " more batches bring that below 1 %");
        }
    }

    /// Warns of averages that started at 0: they are `1-(1-α)^t` of the averaged values.
    private void warnOfAmplification() {
        double weight = 1 - share;
        sentences.add(
                "running_mean and running_var began at 0 and hold only "
                        + percent(weight)
                        + " of what their "
                        + running.batches()
                        + " batches had (1 - (1 - alpha)^t): inference divides by too small a deviation and amplifies by"
                        + " up to "
                        + number(1 / Math.sqrt(weight))
                        + "; train "
                        + batchesToCome()
                        + " more batches, or divide both by "
                        + number(weight));
    }

    private long batchesToCome() {
        double required = Math.log(SHARE) / Math.log1p(-config.alpha(running.batches()));
        return Math.max(1, (long) Math.ceil(required) - running.batches());
    }

    private boolean isInitial(double initialVariance) {
        return Arrays.stream(running.mean()).allMatch(mean -> mean == 0)
                && Arrays.stream(running.variance())
                        .allMatch(variance -> variance == initialVariance);
    }

    private void aboutDigits() {
        Health.Extreme worst = Health.meanToDeviation(running);
        if (worst == null || Health.digits(worst.value()) < DIGITS) {
            return;
        }
        sentences.add(
                "the mean of channel "
                        + worst.channel()
                        + " is "
                        + number(worst.value())
                        + " deviations from 0: an FP32 input has lost "
                        + number(Health.digits(worst.value()))
                        + " of its 7.2 digits before it is sent; subtract a constant first, or send FP64");
    }

    private void aboutDrift(double... drifts) {
        if (drifts.length > 0 && drifts[drifts.length - 1] > DRIFT) {
            sentences.add(
                    "the means of the last batch lay "
                            + number(drifts[drifts.length - 1])
                            + " running deviations from the running means, averaged over the channels: the data has"
                            + " moved, or the running statistics have not caught up yet");
        }
    }

    private static String percent(double part) {
        return number(100 * part) + " %";
    }

    private static String number(double value) {
        double size = Math.abs(value);
        if (value == Math.rint(value) && size < 1e6) {
            return String.format(Locale.ROOT, "%.0f", value);
        }
        return size >= 1e-3 && size < 1e6
                ? String.format(Locale.ROOT, "%.3g", value)
                : String.format(Locale.ROOT, "%.2e", value);
    }
}
