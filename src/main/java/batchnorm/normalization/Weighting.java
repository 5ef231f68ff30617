package batchnorm.normalization;

import batchnorm.tensor.DecimalText;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A selection or weighting of the parts of a batch in its statistics.
///
/// @param mask 0 or 1 for each position, in the input's shape without the channel axis (`[N]` per
///   activation); a dimension of 1 is broadcast
/// @param weights one for each sample of axis 0: 0 or more
public record Weighting(@Nullable Tensor mask, double @Nullable [] weights) {
    /// Weight 1 for every position.
    public static final Weighting NONE = new Weighting(null, null);

    public boolean isNone() {
        return mask == null && weights == null;
    }

    /// Returns the weights for a batch of this shape; null if all are 1.
    ///
    /// @throws ShapeMismatch when mask or weights do not fit the batch
    /// @throws InvalidWeight for mask values other than 0 and 1, and for weights that are negative,
    ///   not finite, or too large to be added
    public @Nullable Weights on(Shape input, Config config) {
        if (isNone()) {
            return null;
        }
        int positions = config.layout(input).count();
        double[] values = mask == null ? ones(positions) : spread(mask, positions(input, config));
        if (weights != null) {
            multiply(values, weights, input, config);
        }
        Weights result = new Weights(values);
        if (!Double.isFinite(result.total())) {
            throw new InvalidWeight("weights", "the sum of the weights overflows; scale them down");
        }
        return result.areAllOne() ? null : result;
    }

    private static double[] ones(int count) {
        double[] ones = new double[count];
        Arrays.fill(ones, 1);
        return ones;
    }

    /// Returns the shape of a mask: the input's without the channel axis.
    private static Shape positions(Shape input, Config config) {
        int[] dimensions = input.toArray();
        if (config.channels().perActivation()) {
            return Shape.of(dimensions[0]);
        }
        int axis = config.channels().axis(input);
        int[] others = new int[dimensions.length - 1];
        System.arraycopy(dimensions, 0, others, 0, axis);
        System.arraycopy(dimensions, axis + 1, others, axis, others.length - axis);
        return Shape.of(others);
    }

    /// Returns the mask's numbers, with dimensions of 1 broadcast.
    private static double[] spread(Tensor mask, Shape expected) {
        Shape given = mask.shape();
        if (!fits(given, expected)) {
            throw new ShapeMismatch(
                    "mask",
                    "mask has shape "
                            + given
                            + ", but the input without its channels has "
                            + expected
                            + "; a dimension may be 1 where it stands for all");
        }
        double[] values = new double[expected.elements()];
        int[] at = new int[expected.rank()];
        for (int flat = 0; flat < values.length; flat++) {
            int source = 0;
            for (int axis = 0; axis < at.length; axis++) {
                int dimension = given.dimension(axis);
                source = source * dimension + (dimension == 1 ? 0 : at[axis]);
            }
            values[flat] = zeroOrOne(mask, source);
            for (int axis = at.length - 1; axis >= 0; axis--) {
                at[axis]++;
                if (at[axis] < expected.dimension(axis)) {
                    break;
                }
                at[axis] = 0;
            }
        }
        return values;
    }

    private static boolean fits(Shape given, Shape expected) {
        boolean fits = given.rank() == expected.rank();
        for (int axis = 0; fits && axis < expected.rank(); axis++) {
            int dimension = given.dimension(axis);
            fits = dimension == expected.dimension(axis) || dimension == 1;
        }
        return fits;
    }

    private static double zeroOrOne(Tensor mask, int index) {
        double value = mask.at(index);
        if (value != 0 && value != 1) {
            String place = mask.shape().place("mask", index);
            throw new InvalidWeight(
                    place,
                    place
                            + " is "
                            + DecimalText.of(value)
                            + "; it must be 0 or 1, other numbers are weights");
        }
        return value;
    }

    private static void multiply(double[] values, double[] weights, Shape input, Config config) {
        int samples = input.dimension(0);
        if (!config.channels().perActivation() && config.channels().axis(input) == 0) {
            throw new ShapeMismatch(
                    "weights",
                    "weights are one for each sample of axis 0, but channel_axis is 0; use a mask");
        }
        if (weights.length != samples) {
            throw new ShapeMismatch(
                    "weights",
                    "weights has "
                            + weights.length
                            + " values, but the input has "
                            + samples
                            + " samples");
        }
        for (int sample = 0; sample < samples; sample++) {
            if (!(weights[sample] >= 0 && weights[sample] < Double.POSITIVE_INFINITY)) {
                String place = "weights[" + sample + "]";
                throw new InvalidWeight(
                        place,
                        place
                                + " is "
                                + DecimalText.of(weights[sample])
                                + "; it must be finite and 0 or more");
            }
        }
        int each = samples == 0 ? 0 : values.length / samples;
        for (int position = 0; position < values.length; position++) {
            values[position] *= weights[position / each];
        }
    }
}
