package batchnorm.diagnosis;

import batchnorm.normalization.Folding.Position;
import batchnorm.normalization.LinearMap;
import batchnorm.normalization.LinearMap.Kind;
import batchnorm.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The folds that known mistakes give: of the scale, of the channels that it is applied to, and of
/// the bias. The explanation with the fewest mistakes is taken.
final class FoldHypotheses {
    /// Epsilons of frameworks and of hand-written code.
    private static final double[] EPSILONS = {
        1e-3, 1e-5, 1e-6, 1e-7, 1e-8, 1e-4, 1e-2, 1e-12, 1e-10, 1e-9, 2e-5, 1e-1
    };

    private final BatchNorm layer;
    private final Position position;
    private final LinearMap map;
    private final int groups;
    private final Tensor weight;
    private final Tensor bias;
    private final FoldPrecision precision;

    /// @param map the old weights, in binary64
    /// @param weight the folded weights
    FoldHypotheses(
            BatchNorm layer,
            Position position,
            LinearMap map,
            Tensor weight,
            Tensor bias,
            FoldPrecision precision) {
        this.layer = layer;
        this.position = position;
        this.map = map;
        boolean isSecondAxis = isAfter() == (map.kind() == Kind.CONV_TRANSPOSE);
        Integer given = map.groups();
        this.groups = isSecondAxis ? map.groupsOf(layer.channels()) : given == null ? 1 : given;
        this.weight = weight;
        this.bias = bias;
        this.precision = precision;
    }

    /// Mistakes that together give the numbers.
    ///
    /// @param epsilon the one in the weights, if it is another
    record Explanation(List<FoldMistake> mistakes, @Nullable Double epsilon) {}

    /// A scale for each channel.
    private record Scale(FoldMistake mistake, double[] values, @Nullable Double epsilon) {}

    /// Which channel's scale a weight has: the right one, that of its index along the other axis,
    /// or that of its index in its own group.
    private enum Channels {
        RIGHT,
        OTHER_AXIS,
        FIRST_GROUP
    }

    private static final List<FoldMistake> BIASES_AFTER =
            List.of(
                    FoldMistake.NONE,
                    FoldMistake.BIAS_NOT_SCALED,
                    FoldMistake.BIAS_DROPPED,
                    FoldMistake.BIAS_UNCHANGED,
                    FoldMistake.MEAN_FORGOTTEN,
                    FoldMistake.MEAN_ADDED,
                    FoldMistake.BETA_FORGOTTEN);

    private static final List<FoldMistake> BIASES_BEFORE =
            List.of(
                    FoldMistake.NONE,
                    FoldMistake.BIAS_DROPPED,
                    FoldMistake.BIAS_UNCHANGED,
                    FoldMistake.MEAN_FORGOTTEN,
                    FoldMistake.MEAN_ADDED,
                    FoldMistake.BETA_FORGOTTEN,
                    FoldMistake.SHIFT_SCALED_TWICE);

    Explanation explain() {
        List<Explanation> all = new ArrayList<>();
        Scale right = scales().getFirst();
        for (Scale scale : scales()) {
            for (Channels channels : possibleChannels()) {
                if (fitsWeight(scale, channels)) {
                    addBiases(scale, channels, right, all);
                }
            }
        }
        return all.stream()
                .min(Comparator.comparingInt(FoldHypotheses::count))
                .orElse(new Explanation(List.of(FoldMistake.UNKNOWN), null));
    }

    private static int count(Explanation explanation) {
        return explanation.mistakes().contains(FoldMistake.NONE)
                ? 0
                : explanation.mistakes().size();
    }

    private void addBiases(Scale scale, Channels channels, Scale right, List<Explanation> all) {
        for (FoldMistake mistake : isAfter() ? BIASES_AFTER : BIASES_BEFORE) {
            boolean fits =
                    fitsBias(scale.values(), channels, mistake)
                            || fitsBias(right.values(), Channels.RIGHT, mistake);
            if (fits) {
                List<FoldMistake> mistakes = new ArrayList<>();
                add(mistakes, scale.mistake());
                add(mistakes, ofChannels(channels));
                add(mistakes, mistake);
                all.add(
                        new Explanation(
                                mistakes.isEmpty() ? List.of(FoldMistake.NONE) : mistakes,
                                scale.epsilon()));
            }
        }
    }

    private static void add(List<FoldMistake> mistakes, FoldMistake mistake) {
        if (mistake != FoldMistake.NONE) {
            mistakes.add(mistake);
        }
    }

    private static FoldMistake ofChannels(Channels channels) {
        return switch (channels) {
            case RIGHT -> FoldMistake.NONE;
            case OTHER_AXIS -> FoldMistake.WRONG_AXIS;
            case FIRST_GROUP -> FoldMistake.GROUPS_IGNORED;
        };
    }

    private boolean isAfter() {
        return position == Position.AFTER;
    }

    private List<Scale> scales() {
        List<Scale> scales = new ArrayList<>();
        double epsilon = layer.epsilon();
        scales.add(new Scale(FoldMistake.NONE, scale(epsilon), null));
        scales.add(new Scale(FoldMistake.EPSILON_FORGOTTEN, scale(0), null));
        for (double other : EPSILONS) {
            if (other != epsilon) {
                scales.add(new Scale(FoldMistake.EPSILON_OTHER, scale(other), other));
            }
        }
        double estimate = estimatedEpsilon();
        if (estimate > 0 && estimate != epsilon) {
            scales.add(new Scale(FoldMistake.EPSILON_OTHER, scale(estimate), estimate));
        }
        double[] outside = new double[layer.channels()];
        double[] byVariance = new double[layer.channels()];
        double[] withoutGamma = new double[layer.channels()];
        double[] ones = new double[layer.channels()];
        for (int c = 0; c < layer.channels(); c++) {
            double variance = layer.variance()[c];
            outside[c] = layer.gammaAt(c) / (Math.sqrt(variance) + epsilon);
            byVariance[c] = layer.gammaAt(c) / (variance + epsilon);
            withoutGamma[c] = 1 / Math.sqrt(variance + epsilon);
            ones[c] = 1;
        }
        scales.add(new Scale(FoldMistake.EPSILON_OUTSIDE_ROOT, outside, null));
        scales.add(new Scale(FoldMistake.VARIANCE_FOR_DEVIATION, byVariance, null));
        scales.add(new Scale(FoldMistake.GAMMA_FORGOTTEN, withoutGamma, null));
        scales.add(new Scale(FoldMistake.WEIGHT_UNCHANGED, ones, null));
        return scales;
    }

    private double[] scale(double epsilon) {
        double[] scale = new double[layer.channels()];
        for (int c = 0; c < scale.length; c++) {
            scale[c] = layer.gammaAt(c) / Math.sqrt(layer.variance()[c] + epsilon);
        }
        return scale;
    }

    /// Returns the epsilon that the channel with the smallest variance shows; negative if none.
    private double estimatedEpsilon() {
        int channels = layer.channels();
        double[] products = new double[channels];
        double[] squares = new double[channels];
        for (int i = 0; i < weight.shape().elements(); i++) {
            int channel = channel(i, Channels.RIGHT);
            products[channel] += weight.at(i) * map.weight().at(i);
            squares[channel] += map.weight().at(i) * map.weight().at(i);
        }
        int best = -1;
        for (int c = 0; c < channels; c++) {
            boolean isUsable = squares[c] > 0 && products[c] != 0 && layer.gammaAt(c) != 0;
            if (isUsable && (best < 0 || layer.variance()[c] < layer.variance()[best])) {
                best = c;
            }
        }
        if (best < 0) {
            return -1;
        }
        double deviation = layer.gammaAt(best) * squares[best] / products[best];
        return deviation * deviation - layer.variance()[best];
    }

    private List<Channels> possibleChannels() {
        List<Channels> possible = new ArrayList<>(List.of(Channels.RIGHT));
        int other = isSecondAxis() ? map.rows() : groups * map.columns();
        if (other == layer.channels()) {
            possible.add(Channels.OTHER_AXIS);
        }
        if (isSecondAxis() && groups > 1) {
            possible.add(Channels.FIRST_GROUP);
        }
        return possible;
    }

    /// Returns whether the layer's channels are along the second axis of the weight.
    private boolean isSecondAxis() {
        return isAfter() == (map.kind() == Kind.CONV_TRANSPOSE);
    }

    /// Returns the channel of the layer whose scale a weight has.
    private int channel(int index, Channels channels) {
        int row = index / (map.columns() * map.taps());
        int column = index / map.taps() % map.columns();
        if (isSecondAxis() == (channels == Channels.OTHER_AXIS)) {
            return row;
        }
        int group = channels == Channels.FIRST_GROUP ? 0 : row / (map.rows() / groups);
        return group * map.columns() + column;
    }

    private boolean fitsWeight(Scale scale, Channels channels) {
        for (int i = 0; i < weight.shape().elements(); i++) {
            double expected = map.weight().at(i) * scale.values()[channel(i, channels)];
            if (!fits(weight.at(i), expected, Math.abs(expected), 1)) {
                return false;
            }
        }
        return true;
    }

    private boolean fits(double found, double expected, double size, int terms) {
        return found == expected || Math.abs(found - expected) <= precision.slack(size, terms);
    }

    private boolean fitsBias(double[] scale, Channels channels, FoldMistake mistake) {
        return isAfter() ? fitsBiasAfter(scale, mistake) : fitsBiasBefore(scale, channels, mistake);
    }

    private boolean fitsBiasAfter(double[] scale, FoldMistake mistake) {
        for (int c = 0; c < bias.shape().elements(); c++) {
            double old = map.biasAt(c);
            double mean = scale[c] * layer.mean()[c];
            double beta = layer.betaAt(c);
            double expected =
                    switch (mistake) {
                        case BIAS_NOT_SCALED -> old - mean + beta;
                        case BIAS_DROPPED -> beta - mean;
                        case BIAS_UNCHANGED -> old;
                        case MEAN_FORGOTTEN -> scale[c] * old + beta;
                        case MEAN_ADDED -> scale[c] * old + mean + beta;
                        case BETA_FORGOTTEN -> scale[c] * old - mean;
                        default -> scale[c] * old - mean + beta;
                    };
            double size =
                    switch (mistake) {
                        case BIAS_UNCHANGED -> Math.abs(old);
                        case BIAS_NOT_SCALED -> Math.abs(old) + Math.abs(mean) + Math.abs(beta);
                        default -> Math.abs(scale[c] * old) + Math.abs(mean) + Math.abs(beta);
                    };
            if (!fits(bias.at(c), expected, size, 1)) {
                return false;
            }
        }
        return true;
    }

    private boolean fitsBiasBefore(double[] scale, Channels channels, FoldMistake mistake) {
        int block = map.columns() * map.taps();
        for (int output = 0; output < bias.shape().elements(); output++) {
            double sum = mistake == FoldMistake.BIAS_DROPPED ? 0 : map.biasAt(output);
            double size = Math.abs(sum);
            for (int i = output * block; i < (output + 1) * block; i++) {
                int c = channel(i, channels == Channels.FIRST_GROUP ? channels : Channels.RIGHT);
                double mean = scale[c] * layer.mean()[c];
                double shift =
                        switch (mistake) {
                            case BIAS_UNCHANGED -> 0;
                            case MEAN_FORGOTTEN -> layer.betaAt(c);
                            case MEAN_ADDED -> layer.betaAt(c) + mean;
                            case BETA_FORGOTTEN -> -mean;
                            default -> layer.betaAt(c) - mean;
                        };
                double factor = mistake == FoldMistake.SHIFT_SCALED_TWICE ? scale[c] : 1;
                double old = factor * map.weight().at(i);
                sum += old * shift;
                size +=
                        mistake == FoldMistake.BIAS_UNCHANGED
                                ? 0
                                : Math.abs(old) * (Math.abs(layer.betaAt(c)) + Math.abs(mean));
            }
            if (!fits(bias.at(output), sum, size, block)) {
                return false;
            }
        }
        return true;
    }
}
