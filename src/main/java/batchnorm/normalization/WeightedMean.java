package batchnorm.normalization;

import batchnorm.normalization.Aggregation.Source;
import java.util.List;

/// Weighted means over sources, per channel, in double-double with one final rounding.
///
/// Numbers are summed as differences from those of the source with the largest weight. A difference
/// of two doubles is exact in double-double, so a large common mean costs no digits.
final class WeightedMean {
    private final double[] weights;
    private final DoubleDouble total;
    private final int reference;

    private WeightedMean(double[] weights, DoubleDouble total, int reference) {
        this.weights = weights;
        this.total = total;
        this.reference = reference;
    }

    /// Scales the weights by a power of 2 so that no product with them overflows.
    ///
    /// @throws InvalidWeight when none is positive
    static WeightedMean of(List<Source> sources) {
        int reference = 0;
        for (int i = 1; i < sources.size(); i++) {
            if (sources.get(i).weight() > sources.get(reference).weight()) {
                reference = i;
            }
        }
        double largest = sources.get(reference).weight();
        if (largest == 0) {
            throw new InvalidWeight("weights", "all weights are 0; one or more must be positive");
        }
        double[] weights = new double[sources.size()];
        DoubleDouble total = DoubleDouble.ZERO;
        for (int i = 0; i < weights.length; i++) {
            weights[i] = Math.scalb(sources.get(i).weight(), -Math.getExponent(largest));
            total = total.plus(weights[i]);
        }
        return new WeightedMean(weights, total, reference);
    }

    /// Returns `Σw·x/W`.
    ///
    /// @param values finite, one vector for each source
    double[] of(double[][] values) {
        double[] means = new double[values[reference].length];
        for (int c = 0; c < means.length; c++) {
            means[c] = mean(values, c).plus(values[reference][c]).rounded();
        }
        return means;
    }

    /// Returns `Σw·(var + (mean - pooled mean)²)/W`: the variance of the mixture of all sources.
    double[] pooled(double[][] means, double[][] variances) {
        double[] pooled = new double[means[reference].length];
        for (int c = 0; c < pooled.length; c++) {
            DoubleDouble center = mean(means, c);
            DoubleDouble sum = DoubleDouble.ZERO;
            for (int i = 0; i < weights.length; i++) {
                DoubleDouble deviation = difference(means, i, c).minus(center);
                DoubleDouble spread = deviation.times(deviation).plus(variances[i][c]);
                sum = sum.plus(spread.times(weights[i]));
            }
            pooled[c] = sum.dividedBy(total).rounded();
        }
        return pooled;
    }

    /// Returns the weighted mean of a channel, less the number of the reference.
    private DoubleDouble mean(double[][] values, int channel) {
        DoubleDouble sum = DoubleDouble.ZERO;
        for (int i = 0; i < weights.length; i++) {
            sum = sum.plus(difference(values, i, channel).times(weights[i]));
        }
        return sum.dividedBy(total);
    }

    private DoubleDouble difference(double[][] values, int source, int channel) {
        return new DoubleDouble(values[source][channel], 0).plus(-values[reference][channel]);
    }
}
