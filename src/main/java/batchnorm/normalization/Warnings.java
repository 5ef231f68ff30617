package batchnorm.normalization;

import batchnorm.normalization.Warning.Code;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Warnings about inference with given running statistics.
public final class Warnings {
    /// The share of the initial values below which no warning is given.
    private static final double SHARE = 0.01;

    /// The number of lost digits, of FP32's 7.2, from which a warning is given.
    private static final double DIGITS = 3;

    /// The drift, in running deviations, from which a warning is given.
    private static final double DRIFT = 1;

    /// The ratio of a variance to epsilon below which a warning is given: outputs there spread less
    /// than 95 % as far as gamma specifies.
    private static final double BESIDE_EPSILON = 10;

    /// The ratio of a gamma to the largest of its layer up to which a channel is dead: beside the
    /// others, its deviations are below the resolution of FP16.
    private static final double DEAD = 1e-4;

    /// The distance of beta from 0, in gammas, from which nearly all outputs have its sign: of a
    /// normal distribution, all but 3 in 100,000.
    private static final double SATURATED = 4;

    private final Config config;
    private final RunningStatistics running;
    private final double share;
    private final List<Warning> warnings = new ArrayList<>();

    /// @param share the remaining weight of the initial values
    Warnings(Config config, RunningStatistics running, double share) {
        this.config = config;
        this.running = running;
        this.share = share;
    }

    /// Returns the warnings about a state that was stored by another program.
    ///
    /// @param gamma null where the layer has none, as is beta; as long as the statistics
    /// @param running of no batch where the program counts none
    /// @param isCounted whether the program counts batches
    public static List<Warning> ofStored(
            Config config,
            double @Nullable [] gamma,
            double @Nullable [] beta,
            RunningStatistics running,
            boolean isCounted) {
        Warnings warnings = new Warnings(config, running, 0);
        warnings.aboutNonFinite("gamma", gamma);
        warnings.aboutNonFinite("beta", beta);
        warnings.aboutNonFinite("running_mean", running.mean());
        warnings.aboutNonFinite("running_var", running.variance());
        warnings.aboutNegative();
        warnings.aboutVariances();
        warnings.aboutStoredTraining(isCounted);
        warnings.aboutChannels(gamma, beta);
        warnings.aboutDigits();
        return List.copyOf(warnings.warnings);
    }

    static List<Warning> withoutStatistics(Config config) {
        String sentence =
                config.trackRunningStats()
                        ? "no batch has decided the features yet: inference would use mean 0 and variance "
                                + number(config.convention().initialVariance())
                        : "the layer tracks no running statistics: inference normalizes every batch with its"
                                + " own, so the output of a row depends on the other rows";
        return List.of(new Warning(Code.NO_STATISTICS, sentence));
    }

    List<Warning> all(double... drifts) {
        aboutNonFinite();
        aboutVariances();
        warnOfTraining();
        aboutDigits();
        aboutDrift(drifts);
        return List.copyOf(warnings);
    }

    private void aboutNonFinite() {
        warnOfChannels(
                Code.NON_FINITE,
                c -> !Double.isFinite(running.mean()[c]) || !Double.isFinite(running.variance()[c]),
                "running statistics are not finite",
                "a batch had NaN or infinity, which \"non_finite\": \"propagate\" admits; reset the layer");
    }

    /// Names the first value of a vector that is not finite.
    private void aboutNonFinite(String field, double @Nullable [] vector) {
        int[] channels =
                vector == null
                        ? new int[0]
                        : IntStream.range(0, vector.length)
                                .filter(c -> !Double.isFinite(vector[c]))
                                .toArray();
        if (vector != null && channels.length > 0) {
            add(
                    Code.NON_FINITE,
                    "%s[%d] is %s%s: outputs of the channel are not finite, and an import is rejected"
                            .formatted(
                                    field,
                                    channels[0],
                                    vector[channels[0]],
                                    channels.length == 1
                                            ? ""
                                            : ", the first of %d such values"
                                                    .formatted(channels.length)));
        }
    }

    private void aboutNegative() {
        warnOfChannels(
                Code.NEGATIVE_VARIANCE,
                c -> running.variance()[c] < 0,
                "running_var is negative",
                "no batch has such a variance; a wrong average or a damaged file may be the cause");
    }

    private void aboutVariances() {
        double[] variance = running.variance();
        double epsilon = config.epsilon();
        warnOfChannels(
                Code.VARIANCE_NOT_POSITIVE,
                c -> variance[c] + epsilon <= 0,
                "running_var + epsilon is not positive",
                "inference is rejected; correct running_var or raise epsilon");
        if (epsilon == 0
                || running.batches() == 0 && isInitial(config.convention().initialVariance())) {
            return;
        }
        warnOfChannels(
                Code.ZERO_VARIANCE,
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
                Code.SMALL_VARIANCE,
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
    private void warnOfChannels(Code code, IntPredicate isTrueOf, String fact, String consequence) {
        int[] channels = IntStream.range(0, running.variance().length).filter(isTrueOf).toArray();
        if (channels.length > 0) {
            String where =
                    channels.length == 1
                            ? " in channel " + channels[0]
                            : " in "
                                    + channels.length
                                    + " channels, the first of which is "
                                    + channels[0];
            add(code, fact + where + ": " + consequence);
        }
    }

    private void add(Code code, String sentence) {
        warnings.add(new Warning(code, sentence));
    }

    private void warnOfTraining() {
        double initial = config.convention().initialVariance();
        if (running.batches() == 0) {
            warnOfNoBatch(initial);
        } else if (share == 1) {
            add(
                    Code.UNTRAINED,
                    "alpha is 0: batches do not change the running statistics, which are still the initial ones");
        } else if (share > SHARE && initial == 0) {
            warnOfAmplification();
        } else if (share > SHARE) {
            add(
                    Code.INITIAL_SHARE,
                    percent(share)
                            + " of the running statistics are still their initial values, mean 0 and variance "
                            + number(initial)
                            + "; "
                            + batchesToCome()
                            + " more batches bring that below 1 %");
        }
    }

    private void warnOfNoBatch(double initial) {
        if (isInitial(initial)) {
            add(
                    Code.UNTRAINED,
                    "no batch has been counted: inference uses the initial mean 0 and variance "
                            + number(initial));
        } else {
            add(
                    Code.UNCOUNTED,
                    "no batch has been counted, though statistics are set: if they come from elsewhere,"
                            + " set num_batches_tracked, too, so that the next batch has its right weight");
        }
    }

    private void aboutStoredTraining(boolean isCounted) {
        double initial = config.convention().initialVariance();
        if (isCounted && running.batches() == 0) {
            warnOfNoBatch(initial);
        } else if (isInitial(initial)) {
            add(
                    Code.UNTRAINED,
                    "running_mean is 0 and running_var is "
                            + number(initial)
                            + " in every channel, the initial values: the layer was not trained, or its"
                            + " statistics were not saved; inference does not normalize");
        }
    }

    private void aboutChannels(double @Nullable [] gamma, double @Nullable [] beta) {
        if (gamma == null) {
            return;
        }
        double largest =
                Arrays.stream(gamma).map(Math::abs).filter(Double::isFinite).max().orElse(0);
        double[] shift = beta == null ? new double[gamma.length] : beta;
        IntPredicate isDead = c -> Math.abs(gamma[c]) <= DEAD * largest;
        double largestShift =
                IntStream.range(0, gamma.length)
                        .filter(isDead)
                        .mapToDouble(c -> Math.abs(shift[c]))
                        .filter(Double::isFinite)
                        .max()
                        .orElse(0);
        warnOfChannels(
                Code.DEAD_CHANNEL,
                isDead,
                "gamma is 0, or nearly 0 beside the others,",
                "the output there is beta whatever the input is, of at most "
                        + number(largestShift)
                        + "; such a channel may be removed"
                        + (largestShift == 0 ? "" : ", its beta carried into the next layer"));
        warnOfChannels(
                Code.SATURATED_CHANNEL,
                isDead.negate().and(c -> -shift[c] >= SATURATED * Math.abs(gamma[c])),
                "beta is " + number(SATURATED) + " times gamma below 0, or more,",
                "nearly all outputs are negative, so that a ReLU behind the layer returns 0");
    }

    /// Warns of averages that started at 0: they are `1-(1-α)^t` of the averaged values.
    private void warnOfAmplification() {
        double weight = 1 - share;
        add(
                Code.INITIAL_SHARE,
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
        add(
                Code.FP32_DIGITS,
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
            add(
                    Code.DRIFT,
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
