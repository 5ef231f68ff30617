package batchnorm.normalization;

import batchnorm.normalization.Conversion.KnobChange;
import batchnorm.normalization.Conversion.NotExact;
import batchnorm.normalization.Conversion.Treatment;
import batchnorm.normalization.Knob.MomentumMeaning;
import batchnorm.tensor.DecimalText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Computes a [Conversion] by the rules documented there.
final class Converter {
    private final Config before;
    private final @Nullable RunningStatistics running;
    private final Config target;
    private final List<NotExact> notExact = new ArrayList<>();

    Converter(Config before, @Nullable RunningStatistics running, Convention convention) {
        this.before = before;
        this.running = running;
        this.target = convention.config();
    }

    Conversion convert() {
        double epsilon = epsilon();
        Config after =
                new Config(
                        target.convention(),
                        epsilon,
                        epsilonFloor(epsilon),
                        new Momentum(
                                momentum(),
                                target.momentum().meaning(),
                                target.momentum().zeroDebias()),
                        target.runningVariance(),
                        before.channels(),
                        before.scale(),
                        before.shift(),
                        before.trackRunningStats(),
                        new Policies(
                                target.policies().singleValue(), before.policies().nonFinite()),
                        before.variant());
        RunningStatistics moved = moved(epsilon);
        noteTraining(after);
        noteLayout();
        return new Conversion(after, moved, knobs(after), List.copyOf(notExact));
    }

    private double epsilon() {
        double shift = before.epsilon() - target.epsilon();
        if (shift == 0) {
            return before.epsilon();
        }
        if (before.variant().statisticsBlend() > 0) {
            noteUnchangedEpsilon(
                    "outputs blend in the batch's variance, which cannot be corrected");
            return before.epsilon();
        }
        int channel = firstNegative(shift);
        if (channel < 0) {
            if (running != null) {
                note(
                        "epsilon",
                        "running_var + epsilon is the same, so inference is; in training, which adds"
                                + " epsilon to the batch's variance, outputs change, and running_var"
                                + " forgets its correction as batches come");
            } else {
                note("epsilon", "outputs are normalized with the new epsilon");
            }
            return target.epsilon();
        }
        double variance = Objects.requireNonNull(running).variance()[channel];
        noteUnchangedEpsilon(
                "running_var["
                        + channel
                        + "] "
                        + (variance < 0
                                ? "is " + DecimalText.of(variance) + ", and a variance is 0 or more"
                                : "would have to become " + DecimalText.of(variance + shift)));
        return before.epsilon();
    }

    /// Returns the convention's floor, unless it would raise the epsilon.
    private double epsilonFloor(double epsilon) {
        double floor = target.epsilonFloor();
        if (floor <= epsilon) {
            return floor;
        }
        note(
                Knob.EPSILON_FLOOR.field(),
                word()
                        + " raises epsilon to "
                        + DecimalText.of(floor)
                        + ", and inference would change; it stays "
                        + DecimalText.of(before.epsilonFloor()));
        return before.epsilonFloor();
    }

    private void noteUnchangedEpsilon(String reason) {
        note(
                "epsilon",
                "it stays "
                        + DecimalText.of(before.epsilon())
                        + ", where "
                        + word()
                        + " has "
                        + DecimalText.of(target.epsilon())
                        + ": "
                        + reason
                        + "; set epsilon there, too");
    }

    /// Returns the first channel whose variance is negative after the shift, or -1.
    private int firstNegative(double shift) {
        if (running != null) {
            double[] variance = running.variance();
            for (int c = 0; c < variance.length; c++) {
                if (variance[c] + shift < 0) {
                    return c;
                }
            }
        }
        return -1;
    }

    private @Nullable RunningStatistics moved(double epsilon) {
        double shift = before.epsilon() - epsilon;
        if (running == null || shift == 0) {
            return running;
        }
        double[] variance = running.variance().clone();
        for (int c = 0; c < variance.length; c++) {
            variance[c] += shift;
        }
        return new RunningStatistics(running.mean(), variance, running.batches());
    }

    private @Nullable Double momentum() {
        Double momentum = before.momentum().value();
        if (momentum == null
                && before.trackRunningStats()
                && !target.convention().hasCumulativeAverage()) {
            note(
                    "momentum",
                    "it stays null, a cumulative average of all batches, which "
                            + word()
                            + " does not have; there each batch weighs the same share");
        }
        if (momentum == null || before.momentum().meaning() == target.momentum().meaning()) {
            return momentum;
        }
        double flipped = 1 - momentum;
        if (target.momentum().meaning() == MomentumMeaning.OLD_WEIGHT && 1 - flipped != momentum) {
            note(
                    "momentum",
                    "no binary64 number is 1 - "
                            + DecimalText.of(momentum)
                            + ": the weight of a new batch becomes "
                            + DecimalText.of(1 - flipped));
        }
        return flipped;
    }

    private void noteTraining(Config after) {
        if (before.trackRunningStats() && after.runningVariance() != before.runningVariance()) {
            note(
                    "running_variance",
                    "running_var averaged "
                            + Knob.word(before.runningVariance())
                            + " variances, from now on "
                            + Knob.word(after.runningVariance())
                            + " ones; the factor m / (m - 1) of past batches is not known");
        }
        if (before.trackRunningStats()
                && before.momentum().value() != null
                && after.momentum().zeroDebias() != before.momentum().zeroDebias()) {
            note(
                    Knob.ZERO_DEBIAS.field(),
                    after.momentum().zeroDebias()
                            ? "batch t now has the weight (1 - d) / (1 - d^t), where d is the weight that the"
                                    + " running value keeps; it had the constant weight 1 - d"
                            : "batches now have the constant weight 1 - d, where d is the weight that the"
                                    + " running value keeps; batch t had (1 - d) / (1 - d^t)");
        }
        if (after.policies().singleValue() != before.policies().singleValue()) {
            note(
                    "single_value",
                    switch (after.policies().singleValue()) {
                        case REJECT -> "training batches of one value per channel are now rejected";
                        case ZERO_VARIANCE ->
                                "training batches of one value per channel now count, as variance 0";
                    });
        }
        if (initialVariance(after) != initialVariance(before)) {
            note(
                    "initial_running_var",
                    "a reset now goes back to "
                            + DecimalText.of(initialVariance(after))
                            + " instead of "
                            + DecimalText.of(initialVariance(before)));
        }
    }

    private void noteLayout() {
        for (Knob knob : List.of(Knob.SCOPE, Knob.CHANNEL_AXIS, Knob.TRACK_RUNNING_STATS)) {
            noteUnchanged(
                    knob.field(), Knob.text(knob.onWire(before)), Knob.text(knob.onWire(target)));
        }
    }

    private void noteUnchanged(String knob, String value, String usual) {
        if (!value.equals(usual)) {
            note(
                    knob,
                    "it stays "
                            + value
                            + ", where "
                            + word()
                            + " has "
                            + usual
                            + ", so that the same tensors give the same outputs");
        }
    }

    private List<KnobChange> knobs(Config after) {
        Map<String, @Nullable Object> was = before.knobs(1);
        return after.knobs(1).entrySet().stream()
                .filter(knob ->
                        !knob.getKey().equals("alpha")) // derived from momentum and its meaning
                .map(knob -> change(knob.getKey(), was.get(knob.getKey()), knob.getValue()))
                .toList();
    }

    private KnobChange change(String knob, @Nullable Object was, @Nullable Object is) {
        return new KnobChange(
                knob,
                Knob.text(was),
                Knob.text(is),
                Objects.equals(was, is) ? Treatment.KEPT : treatment(knob));
    }

    private Treatment treatment(String knob) {
        return switch (knob) {
            case "momentum", "momentum_meaning" -> Treatment.RE_EXPRESSED;
            case "epsilon" -> running == null ? Treatment.CHANGED : Treatment.RE_EXPRESSED;
            default -> Treatment.CHANGED;
        };
    }

    private static double initialVariance(Config config) {
        return config.convention().initialVariance();
    }

    private String word() {
        return target.convention().word();
    }

    private void note(String what, String why) {
        notExact.add(new NotExact(what, why));
    }
}
