package batchnorm.diagnosis;

import batchnorm.tensor.Tensor;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The means and biased variances of a tensor's groups, in binary64 and in two passes. Computed for
/// single groups at first, because most hypotheses are refuted by a few elements.
final class GroupMoments implements Source.Statistics {
    private record Moments(double mean, double variance) {}

    private final Tensor values;
    private final Grouping grouping;
    private final Map<Integer, Moments> single = new HashMap<>();
    private double @Nullable [] means;
    private double @Nullable [] variances;

    GroupMoments(Tensor values, Grouping grouping) {
        this.values = values;
        this.grouping = grouping;
    }

    Grouping grouping() {
        return grouping;
    }

    @Override
    public double mean(int group) {
        return means == null ? single(group).mean() : means[group];
    }

    @Override
    public double variance(int group) {
        return variances == null ? single(group).variance() : variances[group];
    }

    private Moments single(int group) {
        return single.computeIfAbsent(group, this::compute);
    }

    private Moments compute(int group) {
        if (grouping.groups() == 1) {
            complete();
            return new Moments(mean(group), variance(group));
        }
        int[] members = grouping.members(group);
        double sum = 0;
        for (int index : members) {
            sum += values.at(index);
        }
        double mean = sum / members.length;
        double rest = 0;
        double squares = 0;
        for (int index : members) {
            double difference = values.at(index) - mean;
            rest += difference;
            squares += difference * difference;
        }
        return corrected(mean, rest, squares, members.length);
    }

    /// Corrects the mean by the rounding error that the second pass has found.
    private static Moments corrected(double mean, double rest, double squares, int count) {
        return new Moments(mean + rest / count, Math.max(0, squares - rest * rest / count) / count);
    }

    /// Computes all groups.
    @Override
    public void complete() {
        if (means != null) {
            return;
        }
        double[] all = values.toDoubles();
        double[] sums = new double[grouping.groups()];
        grouping.addUp(all, sums);
        for (int g = 0; g < sums.length; g++) {
            sums[g] /= grouping.count();
        }
        double[] rests = new double[sums.length];
        double[] squares = new double[sums.length];
        grouping.addUpDeviations(all, sums, rests, squares);
        for (int g = 0; g < sums.length; g++) {
            Moments moments = corrected(sums[g], rests[g], squares[g], grouping.count());
            sums[g] = moments.mean();
            squares[g] = moments.variance();
        }
        means = sums;
        variances = squares;
    }

    /// Returns the largest ratio of a group's mean to its deviation, squared.
    double largestMeanToDeviation() {
        complete();
        double largest = 0;
        for (int g = 0; g < grouping.groups(); g++) {
            double mean = mean(g);
            largest = Math.max(largest, mean * mean / variance(g));
        }
        return largest;
    }
}
