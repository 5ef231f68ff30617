package batchnorm.diagnosis;

import batchnorm.tensor.Tensor;
import java.util.List;

/// The predictions of consecutive elements.
final class Points {
    /// The most elements that are predicted together. Their numbers stay in the first-level cache.
    static final int MOST = 512;

    /// The numbers that the hypothesis gives.
    final double[] values = new double[MOST];

    /// The sizes of the terms whose rounding can disturb the numbers.
    final double[] sizes = new double[MOST];

    /// Compares the predictions of consecutive elements with their numbers.
    @FunctionalInterface
    interface Comparison {
        /// @param target the place of the target
        /// @param from the first element
        /// @return whether to continue
        boolean compare(int target, int from, int count, Tensor values, Points points);
    }

    /// Predicts all elements, until a comparison stops.
    ///
    /// @return whether none has stopped
    static boolean compareAll(Hypothesis hypothesis, List<Target> targets, Comparison comparison) {
        hypothesis.prepare();
        Points points = new Points();
        for (int t = 0; t < targets.size(); t++) {
            Tensor values = targets.get(t).values();
            int size = targets.get(t).size();
            for (int from = 0; from < size; from += MOST) {
                int count = Math.min(MOST, size - from);
                hypothesis.predict(t, from, count, points);
                if (!comparison.compare(t, from, count, values, points)) {
                    return false;
                }
            }
        }
        return true;
    }
}
