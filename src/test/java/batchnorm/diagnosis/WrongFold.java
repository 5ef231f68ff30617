package batchnorm.diagnosis;

import batchnorm.normalization.Folding.Position;
import batchnorm.normalization.LinearMap;
import batchnorm.normalization.LinearMap.Kind;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.util.Random;

/// A random layer beside random weights, and a fold of them with a mistake, computed tap by tap.
final class WrongFold {
    final BatchNorm layer;
    final LinearMap map;
    final Position position;
    private final int rows;
    private final int columns;
    private final int taps;
    private final int groups;

    /// @param isSquare whether the weight has as many inputs as outputs
    WrongFold(Random random, Kind kind, Position position, boolean isGrouped, boolean isSquare) {
        this.position = position;
        groups = isGrouped ? 2 + random.nextInt(3) : 1;
        rows = groups * (2 + random.nextInt(3));
        columns = isSquare ? rows / groups : rows + 2 + random.nextInt(3);
        int kernel = kind == Kind.LINEAR ? 1 : 2 + random.nextInt(2);
        taps = kernel;
        Shape shape =
                kind == Kind.LINEAR ? Shape.of(rows, columns) : Shape.of(rows, columns, kernel);
        boolean isSecond = isSecondAxis(kind, position);
        int channels = isSecond ? groups * columns : rows;
        int outputs = kind == Kind.CONV_TRANSPOSE ? groups * columns : rows;
        layer =
                new BatchNorm(
                        random.doubles(channels, 0.4, 2).toArray(),
                        random.doubles(channels, -2, 2).toArray(),
                        random.doubles(channels, 0.3, 2).toArray(),
                        random.doubles(channels, 0.05, 3).toArray(),
                        1e-3);
        map =
                new LinearMap(
                        kind,
                        Tensor.of(shape, random.doubles(shape.elements(), -1, 1).toArray()),
                        Tensor.of(Shape.of(outputs), random.doubles(outputs, 0.2, 2).toArray()),
                        kind == Kind.LINEAR ? null : groups,
                        false);
    }

    private static boolean isSecondAxis(Kind kind, Position position) {
        return (position == Position.AFTER) == (kind == Kind.CONV_TRANSPOSE);
    }

    private double scale(int channel, FoldMistake mistake) {
        double variance = layer.variance()[channel];
        double gamma = layer.gammaAt(channel);
        return switch (mistake) {
            case EPSILON_FORGOTTEN -> gamma / Math.sqrt(variance);
            case EPSILON_OTHER -> gamma / Math.sqrt(variance + 3.7e-4);
            case EPSILON_OUTSIDE_ROOT -> gamma / (Math.sqrt(variance) + layer.epsilon());
            case VARIANCE_FOR_DEVIATION -> gamma / (variance + layer.epsilon());
            case GAMMA_FORGOTTEN -> 1 / Math.sqrt(variance + layer.epsilon());
            default -> gamma / Math.sqrt(variance + layer.epsilon());
        };
    }

    /// Returns the folded weight.
    Tensor weight(FoldMistake mistake) {
        double[] folded = map.weight().toDoubles().clone();
        for (int i = 0; i < folded.length; i++) {
            int row = i / (columns * taps);
            int column = i / taps % columns;
            int group = mistake == FoldMistake.GROUPS_IGNORED ? 0 : row / (rows / groups);
            boolean isSecond =
                    isSecondAxis(map.kind(), position) != (mistake == FoldMistake.WRONG_AXIS);
            int channel = isSecond ? group * columns + column : row;
            folded[i] *= mistake == FoldMistake.WEIGHT_UNCHANGED ? 1 : scale(channel, mistake);
        }
        return Tensor.of(map.weight().shape(), folded);
    }

    /// Returns the folded bias.
    Tensor bias(FoldMistake mistake) {
        int outputs = map.kind() == Kind.CONV_TRANSPOSE ? groups * columns : rows;
        double[] bias = new double[outputs];
        for (int output = 0; output < outputs; output++) {
            bias[output] =
                    position == Position.AFTER ? after(output, mistake) : before(output, mistake);
        }
        return Tensor.of(Shape.of(outputs), bias);
    }

    private double after(int output, FoldMistake mistake) {
        double old = map.biasAt(output);
        double mean = layer.mean()[output];
        double scale = scale(output, mistake);
        return switch (mistake) {
            case BIAS_NOT_SCALED -> old + layer.betaAt(output) - scale * mean;
            case BIAS_DROPPED -> layer.betaAt(output) - scale * mean;
            case BIAS_UNCHANGED -> old;
            case MEAN_FORGOTTEN -> scale * old + layer.betaAt(output);
            case MEAN_ADDED -> scale * (old + mean) + layer.betaAt(output);
            case BETA_FORGOTTEN -> scale * (old - mean);
            default -> scale * (old - mean) + layer.betaAt(output);
        };
    }

    private double before(int output, FoldMistake mistake) {
        double sum = mistake == FoldMistake.BIAS_DROPPED ? 0 : map.biasAt(output);
        for (int column = 0; column < columns; column++) {
            int group = output / (rows / groups);
            int input = group * columns + column;
            double mean = scale(input, mistake) * layer.mean()[input];
            double beta = layer.betaAt(input);
            double shift =
                    switch (mistake) {
                        case MEAN_FORGOTTEN -> beta;
                        case MEAN_ADDED -> beta + mean;
                        case BETA_FORGOTTEN -> -mean;
                        case BIAS_UNCHANGED -> 0;
                        case SHIFT_SCALED_TWICE -> scale(input, mistake) * (beta - mean);
                        default -> beta - mean;
                    };
            for (int tap = 0; tap < taps; tap++) {
                sum += map.weight().at((output * columns + column) * taps + tap) * shift;
            }
        }
        return sum;
    }

    static Tensor rounded(Tensor wide, DataType type) {
        if (type == DataType.FP64) {
            return wide;
        }
        float[] values = new float[wide.shape().elements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = type.narrow(wide.at(i));
        }
        return Tensor.of(wide.shape(), type, values);
    }

    @Override
    public String toString() {
        return "%s %s, %s".formatted(map.kind(), position, map.weight().shape());
    }
}
