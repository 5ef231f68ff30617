package batchnorm.diagnosis;

import batchnorm.tensor.Tensor;
import java.util.List;

/// The search for the element that differs most from a hypothesis; the first that is not a number,
/// if there is one.
final class Farthest implements Points.Comparison {
    private double largest;
    private int target;
    private int index;

    /// @param target the place of its target in the list of targets
    record Element(int target, int index) {}

    static Element of(Hypothesis hypothesis, List<Target> targets) {
        Farthest search = new Farthest();
        Points.compareAll(hypothesis, targets, search);
        return new Element(search.target, search.index);
    }

    @Override
    public boolean compare(int of, int from, int count, Tensor values, Points points) {
        for (int k = 0; k < count; k++) {
            double error = Math.abs(values.at(from + k) - points.values[k]);
            if (error > largest || Double.isNaN(error)) {
                largest = error;
                target = of;
                index = from + k;
            }
            if (Double.isNaN(error)) {
                return false;
            }
        }
        return true;
    }
}
