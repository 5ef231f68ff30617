package batchnorm.normalization;

import batchnorm.normalization.LinearMap.Kind;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;

/// Folds batch normalization of inference into the weights of an adjacent linear map. The new map
/// computes both. With `y = a·x + c` per channel ([Affine]):
///
/// - after the map, `a·(W·x + b) + c`: `W' = a·W` by output channel, `b' = a·b + c`
/// - before it, `W·(a·x + c) + b`: `W' = W·a` by input channel, `b' = b + Σ W·c`
///
/// Computed in binary64 and rounded once, to the weight's datatype.
public final class Folding {
    private Folding() {}

    /// The position of the batch normalization relative to the map.
    public enum Position {
        BEFORE,
        AFTER
    }

    /// The map that replaces both.
    ///
    /// @param weight in the shape and datatype of the map's
    /// @param bias of shape `[out]`
    public record Folded(Tensor weight, Tensor bias) {}

    /// @throws ShapeMismatch when the map does not fit the layer
    /// @throws InexactFold when the result cannot be expressed as a map
    /// @throws NonFiniteResult when finite numbers overflow the weight's datatype
    public static Folded fold(Affine affine, Position position, LinearMap map) {
        return switch (position) {
            case AFTER -> after(affine, map);
            case BEFORE -> before(affine, map);
        };
    }

    private static Folded after(Affine affine, LinearMap map) {
        int outputs = affine.channels();
        map.requireBias(outputs);
        double[] scale = affine.scale();
        double[] weight = copy(map.weight());
        int groups = map.kind() == Kind.CONV_TRANSPOSE ? map.groupsOf(outputs) : 1;
        if (map.kind() != Kind.CONV_TRANSPOSE) {
            requireRows(map, outputs);
        }
        int block = map.columns() * map.taps();
        for (int i = 0; i < weight.length; i++) {
            int row = i / block;
            int output =
                    map.kind() == Kind.CONV_TRANSPOSE
                            ? channel(map, row, i % block / map.taps(), groups)
                            : row;
            weight[i] *= scale[output];
        }
        double[] bias = new double[outputs];
        for (int output = 0; output < outputs; output++) {
            bias[output] = affine.at(output, map.biasAt(output));
        }
        return folded(map, weight, bias);
    }

    private static Folded before(Affine affine, LinearMap map) {
        requireExact(map);
        map.requireBias(map.rows());
        int groups = map.groupsOf(affine.channels());
        double[] scale = affine.scale();
        double[] shift = affine.shift();
        double[] weight = copy(map.weight());
        double[] bias = new double[map.rows()];
        int i = 0;
        for (int output = 0; output < map.rows(); output++) {
            double moved = 0;
            for (int column = 0; column < map.columns(); column++) {
                int input = channel(map, output, column, groups);
                for (int tap = 0; tap < map.taps(); tap++, i++) {
                    moved += weight[i] * shift[input];
                    weight[i] *= scale[input];
                }
            }
            bias[output] = map.biasAt(output) + moved;
        }
        return folded(map, weight, bias);
    }

    private static double[] copy(Tensor weight) {
        return weight instanceof Tensor.Doubles doubles
                ? doubles.values().clone()
                : weight.toDoubles();
    }

    /// Returns the channel along the second axis, counted through all groups.
    private static int channel(LinearMap map, int row, int column, int groups) {
        int group = row / (map.rows() / groups);
        return group * map.columns() + column;
    }

    private static void requireExact(LinearMap map) {
        if (map.kind() == Kind.CONV_TRANSPOSE) {
            throw new InexactFold(
                    "batch normalization before a transposed convolution does not fold: fewer taps reach"
                            + " the outputs at the border, so the shift is not a constant bias there. Keep the layer, or"
                            + " fold it into the linear map before it, with position \"after\"");
        }
        if (map.padded()) {
            throw new InexactFold(
                    "batch normalization before a padded convolution does not fold: the padding is 0 behind"
                            + " the normalization, but would be normalized by the folded weights. Keep the layer,"
                            + " fold it into the linear map before it, with position \"after\", or pad its input"
                            + " yourself, by -shift/scale in each channel, and convolve with padding 0");
        }
    }

    private static void requireRows(LinearMap map, int features) {
        if (map.rows() != features) {
            throw new ShapeMismatch(
                    "weight",
                    "weight has shape %s, so %d outputs, but the layer has %d features"
                            .formatted(map.weight().shape(), map.rows(), features));
        }
    }

    private static Folded folded(LinearMap map, double[] weight, double[] bias) {
        DataType dataType = map.weight().dataType();
        Tensor foldedWeight = tensor(map.weight().shape(), dataType, weight);
        Tensor foldedBias = tensor(Shape.of(bias.length), dataType, bias);
        Tensor[] sources =
                map.bias() == null
                        ? new Tensor[] {map.weight()}
                        : new Tensor[] {map.weight(), map.bias()};
        Finiteness.requireFinite("weight", foldedWeight, sources);
        Finiteness.requireFinite("bias", foldedBias, sources);
        return new Folded(foldedWeight, foldedBias);
    }

    private static Tensor tensor(Shape shape, DataType dataType, double[] values) {
        if (dataType == DataType.FP64) {
            return Tensor.of(shape, values);
        }
        float[] narrow = new float[values.length];
        for (int i = 0; i < narrow.length; i++) {
            narrow[i] = dataType.narrow(values[i]);
        }
        return Tensor.of(shape, dataType, narrow);
    }
}
