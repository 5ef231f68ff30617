package batchnorm.tensor;

import batchnorm.tensor.Tensor.Doubles;
import batchnorm.tensor.Tensor.Floats;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Splits a tensor along its first axis, and joins the slices.
public final class Slices {
    private Slices() {}

    /// Copies slices of `size` samples each; the last holds the remainder.
    public static List<Tensor> cut(Tensor tensor, int size) {
        int samples = tensor.shape().dimension(0);
        int each = samples == 0 ? 0 : tensor.shape().elements() / samples;
        List<Tensor> slices = new ArrayList<>();
        for (int from = 0; from < samples; from += size) {
            int count = Math.min(size, samples - from);
            int[] dimensions = tensor.shape().toArray();
            dimensions[0] = count;
            int start = from * each;
            slices.add(copy(tensor, Shape.of(dimensions), start, start + count * each));
        }
        return slices;
    }

    private static Tensor copy(Tensor tensor, Shape shape, int from, int to) {
        return switch (tensor) {
            case Doubles d -> Tensor.of(shape, Arrays.copyOfRange(d.values(), from, to));
            case Floats f ->
                    Tensor.of(shape, f.dataType(), Arrays.copyOfRange(f.values(), from, to));
        };
    }

    /// Joins one or more slices to a tensor of this shape.
    public static Tensor join(Shape shape, List<Tensor> slices) {
        return switch (slices.getFirst()) {
            case Doubles _ -> {
                double[] values = new double[shape.elements()];
                int at = 0;
                for (Tensor slice : slices) {
                    double[] part = ((Doubles) slice).values();
                    System.arraycopy(part, 0, values, at, part.length);
                    at += part.length;
                }
                yield Tensor.of(shape, values);
            }
            case Floats first -> {
                float[] values = new float[shape.elements()];
                int at = 0;
                for (Tensor slice : slices) {
                    float[] part = ((Floats) slice).values();
                    System.arraycopy(part, 0, values, at, part.length);
                    at += part.length;
                }
                yield Tensor.of(shape, first.dataType(), values);
            }
        };
    }
}
