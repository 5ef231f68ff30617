package batchnorm.diagnosis;

import batchnorm.tensor.Tensor;
import java.util.List;

/// The element that differs most from a hypothesis; the first that is not a number, if there is
/// one.
///
/// @param target the place of its target in the list of targets
record Farthest(int target, int index) {

    static Farthest of(Hypothesis hypothesis, List<Target> targets) {
        hypothesis.prepare();
        Points points = new Points();
        Farthest farthest = new Farthest(0, 0);
        double largest = 0;
        for (int t = 0; t < targets.size(); t++) {
            Tensor values = targets.get(t).values();
            int size = targets.get(t).size();
            for (int from = 0; from < size; from += Points.MOST) {
                int count = Math.min(Points.MOST, size - from);
                hypothesis.predict(t, from, count, points);
                for (int k = 0; k < count; k++) {
                    double error = Math.abs(values.at(from + k) - points.values[k]);
                    if (error > largest) {
                        largest = error;
                        farthest = new Farthest(t, from + k);
                    } else if (Double.isNaN(error)) {
                        return new Farthest(t, from + k);
                    }
                }
            }
        }
        return farthest;
    }
}
