package batchnorm.diagnosis;

import batchnorm.diagnosis.ForwardHypothesis.Parameters;
import batchnorm.tensor.Tensor;
import java.util.Arrays;

/// Sums of a gradient and an input over the groups of the statistics and over the channels of
/// gamma. Products with the input are summed about the group's mean, so that they do not cancel.
final class GradientSums {
    private final Tensor input;
    private final Tensor gradient;
    private final Source source;
    private final Parameters parameters;
    private final double[] centers;
    private final Sums plain;
    private final Sums scaled;
    private final double[] ofGradient;
    private final double[] ofAbsolute;
    private final double[] ofInput;
    private final double[] ofAbsoluteInput;

    /// Sums per group: of the values, their sizes, and both times the deviation of the input.
    private static final class Sums {
        private final double[] values;
        private final double[] sizes;
        private final double[] products;
        private final double[] productSizes;

        Sums(int groups) {
            values = new double[groups];
            sizes = new double[groups];
            products = new double[groups];
            productSizes = new double[groups];
        }

        void add(int group, double value, double deviation) {
            values[group] += value;
            sizes[group] += Math.abs(value);
            products[group] += value * deviation;
            productSizes[group] += Math.abs(value * deviation);
        }
    }

    GradientSums(Tensor input, Tensor gradient, Source source, Parameters parameters) {
        this.input = input;
        this.gradient = gradient;
        this.source = source;
        this.parameters = parameters;
        source.statistics().complete();
        Grouping grouping = source.grouping();
        int[] groups = grouping.ids();
        int[] channels = parameters.grouping().ids();
        centers = new double[grouping.groups()];
        Arrays.setAll(centers, source.statistics()::mean);
        plain = new Sums(centers.length);
        scaled = parameters.gamma() == null ? plain : new Sums(centers.length);
        int many = parameters.grouping().groups();
        ofGradient = new double[many];
        ofAbsolute = new double[many];
        ofInput = new double[many];
        ofAbsoluteInput = new double[many];
        for (int i = 0; i < groups.length; i++) {
            double dy = gradient.at(i);
            double x = input.at(i);
            int channel = channels[i];
            double deviation = x - centers[groups[i]];
            plain.add(groups[i], dy, deviation);
            if (scaled != plain) {
                scaled.add(groups[i], dy * parameters.gamma(channel), deviation);
            }
            ofGradient[channel] += dy;
            ofAbsolute[channel] += Math.abs(dy);
            ofInput[channel] += dy * x;
            ofAbsoluteInput[channel] += Math.abs(dy * x);
        }
    }

    double input(int index) {
        return input.at(index);
    }

    double gradient(int index) {
        return gradient.at(index);
    }

    /// Returns the sum over a channel.
    double ofGradient(int channel) {
        return ofGradient[channel];
    }

    double ofAbsolute(int channel) {
        return ofAbsolute[channel];
    }

    /// Returns the sum of the products with the input over a channel.
    double ofInput(int channel) {
        return ofInput[channel];
    }

    double ofAbsoluteInput(int channel) {
        return ofAbsoluteInput[channel];
    }

    /// Returns the sum of `γ·dy` over a group.
    ///
    /// @param withoutGamma whether gamma is left out
    double scaled(int group, boolean withoutGamma) {
        return sums(withoutGamma).values[group];
    }

    double absolute(int group, boolean withoutGamma) {
        return sums(withoutGamma).sizes[group];
    }

    /// Returns the sum of `γ·dy·(x - center)` over a group.
    double scaledByDeviation(int group, double center, boolean withoutGamma) {
        Sums sums = sums(withoutGamma);
        return sums.products[group] + (centers[group] - center) * sums.values[group];
    }

    double absoluteByDeviation(int group, double center, boolean withoutGamma) {
        Sums sums = sums(withoutGamma);
        return sums.productSizes[group] + Math.abs(centers[group] - center) * sums.sizes[group];
    }

    /// Returns the sum of `γ·dy·x` over a group.
    double scaledByInput(int group) {
        return scaledByDeviation(group, 0, false);
    }

    private Sums sums(boolean withoutGamma) {
        return withoutGamma ? plain : scaled;
    }

    /// Predicts the sum of `dy·xhat` over a channel.
    void predictGamma(Normalized normalized, int channel, Point into) {
        if (parameters.grouping() != source.grouping()) {
            predictAcrossGroups(normalized, channel, into);
            return;
        }
        double center = normalized.center(channel);
        double inverse = 1 / normalized.divisor(channel);
        double size =
                absoluteByDeviation(channel, center, true)
                        + Math.abs(center) * plain.sizes[channel];
        into.set(scaledByDeviation(channel, center, true) * inverse, size * inverse);
    }

    private void predictAcrossGroups(Normalized normalized, int channel, Point into) {
        double value = 0;
        double size = 0;
        for (int i : parameters.grouping().members(channel)) {
            int group = source.grouping().groupOf(i);
            double inverse = 1 / normalized.divisor(group);
            double center = normalized.center(group);
            double dy = gradient.at(i) * inverse;
            value += dy * (input.at(i) - center);
            size += Math.abs(dy) * (Math.abs(input.at(i)) + Math.abs(center));
        }
        into.set(value, size);
    }
}
