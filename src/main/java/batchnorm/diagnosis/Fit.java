package batchnorm.diagnosis;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// The difference between a hypothesis and the results.
///
/// @param roundings the largest difference in roundings of the arithmetic, at the size of the terms
/// @param maxError the largest absolute difference
/// @param ulps the same in units in the last place of the precision
/// @param target the target with the largest difference
/// @param index its element
record Fit(
        Hypothesis hypothesis,
        Precision precision,
        double roundings,
        double maxError,
        double ulps,
        int target,
        int index) {
    private static final int SAMPLE = 64;

    /// Returns the roundings that the summation of `terms` numbers may have, with a margin.
    static double limit(int terms) {
        return 16 + 2 * Math.sqrt(terms);
    }

    /// Returns the roundings that a summation usually has.
    static double usual(int terms) {
        return 8 + 0.5 * Math.sqrt(terms);
    }

    /// Returns whether the rounding of one of the precisions explains the difference at one
    /// element.
    static boolean isPossible(
            Hypothesis hypothesis, List<Precision> precisions, List<Target> targets) {
        Target target = targets.getFirst();
        int index = Target.sampled(0, target.size(), SAMPLE);
        Point point = new Point();
        hypothesis.predict(0, index, point);
        double found = target.values().at(index);
        double limit = limit(hypothesis.terms());
        for (Precision precision : precisions) {
            double excess = Math.abs(found - point.value) - precision.slack(found);
            if (excess <= limit * (precision.unit() * point.size + Double.MIN_VALUE)) {
                return true;
            }
        }
        return false;
    }

    /// Compares a hypothesis with the targets and stops at the first element that refutes it.
    ///
    /// @return null if the rounding does not explain a difference
    static @Nullable Fit of(Hypothesis hypothesis, Precision precision, List<Target> targets) {
        double limit = limit(hypothesis.terms());
        Measure measure = new Measure(hypothesis, precision, targets);
        for (int t = 0; t < targets.size(); t++) {
            int size = targets.get(t).size();
            for (int k = 0; k < Math.min(size, SAMPLE); k++) {
                if (!measure.within(t, Target.sampled(k, size, SAMPLE), limit)) {
                    return null;
                }
            }
        }
        return measure.isWithinEverywhere(limit) ? measure.result() : null;
    }

    /// Compares a hypothesis with all elements, however much they differ.
    static Fit complete(Hypothesis hypothesis, Precision precision, List<Target> targets) {
        Measure measure = new Measure(hypothesis, precision, targets);
        measure.isWithinEverywhere(Double.POSITIVE_INFINITY);
        return measure.result();
    }

    /// Returns the mean relative difference at a sample of the elements.
    ///
    /// @param most the elements of a target
    static double distance(Hypothesis hypothesis, List<Target> targets, int most) {
        Point point = new Point();
        double total = 0;
        for (int t = 0; t < targets.size(); t++) {
            Target target = targets.get(t);
            int size = target.size();
            int count = Math.min(size, most);
            double sum = 0;
            for (int k = 0; k < count; k++) {
                int index = Target.sampled(k, size, most);
                hypothesis.predict(t, index, point);
                double found = target.values().at(index);
                double difference = Math.abs(found - point.value);
                double scale = Math.abs(found) + Math.abs(point.value) + Double.MIN_NORMAL;
                sum += Double.isNaN(difference) ? 1 : Math.min(1, difference / scale);
            }
            total += sum / count;
        }
        return total;
    }

    private static final class Measure {
        private final Hypothesis hypothesis;
        private final Precision precision;
        private final List<Target> targets;
        private final Point point = new Point();
        private double roundings;
        private double maxError;
        private double ulps;
        private int worstTarget;
        private int worstIndex;

        Measure(Hypothesis hypothesis, Precision precision, List<Target> targets) {
            this.hypothesis = hypothesis;
            this.precision = precision;
            this.targets = targets;
        }

        /// Measures one element.
        ///
        /// @return whether the roundings explain the difference
        boolean within(int target, int index, double limit) {
            hypothesis.predict(target, index, point);
            double found = targets.get(target).values().at(index);
            return within(target, index, found, point.value, point.size, limit);
        }

        /// Measures all elements, up to the first whose difference the roundings do not explain.
        boolean isWithinEverywhere(double limit) {
            return Points.compareAll(
                    hypothesis,
                    targets,
                    (target, from, count, values, points) -> {
                        for (int k = 0; k < count; k++) {
                            double found = values.at(from + k);
                            double value = points.values[k];
                            if (!within(target, from + k, found, value, points.sizes[k], limit)) {
                                return false;
                            }
                        }
                        return true;
                    });
        }

        private boolean within(
                int target, int index, double found, double value, double size, double limit) {
            double error = Math.abs(found - value);
            if (Double.isNaN(error)) {
                roundings = Double.POSITIVE_INFINITY;
                maxError = Double.MAX_VALUE;
                ulps = Double.MAX_VALUE;
                worstTarget = target;
                worstIndex = index;
                return false;
            }
            double excess = error - precision.slack(found);
            double unit = precision.unit() * size + Double.MIN_VALUE;
            if (excess > roundings * unit) {
                roundings = excess / unit;
            }
            if (error > maxError) {
                maxError = error;
                worstTarget = target;
                worstIndex = index;
            }
            double ulp = precision.ulp(Math.max(Math.abs(found), size));
            if (error > ulps * ulp) {
                ulps = Math.min(Double.MAX_VALUE, error / ulp);
            }
            return excess <= limit * unit;
        }

        Fit result() {
            return new Fit(
                    hypothesis, precision, roundings, maxError, ulps, worstTarget, worstIndex);
        }
    }
}
