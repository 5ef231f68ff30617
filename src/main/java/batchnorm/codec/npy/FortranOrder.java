package batchnorm.codec.npy;

import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;

/// Converts arrays whose first index varies fastest. Their elements, read in row-major order, are
/// those of the transposed array.
final class FortranOrder {
    private FortranOrder() {}

    /// Returns the dimensions in reverse order.
    static Shape reversed(Shape shape) {
        int[] dimensions = new int[shape.rank()];
        for (int axis = 0; axis < dimensions.length; axis++) {
            dimensions[axis] = shape.dimension(dimensions.length - 1 - axis);
        }
        return Shape.of(dimensions);
    }

    /// Returns the transposed tensor, with all dimensions reversed.
    static Tensor toRowMajor(Tensor tensor) {
        Shape shape = reversed(tensor.shape());
        int[] places = places(shape);
        return switch (tensor) {
            case Tensor.Doubles doubles -> {
                double[] values = new double[places.length];
                for (int i = 0; i < places.length; i++) {
                    values[i] = doubles.values()[places[i]];
                }
                yield Tensor.of(shape, values);
            }
            case Tensor.Floats floats -> {
                float[] values = new float[places.length];
                for (int i = 0; i < places.length; i++) {
                    values[i] = floats.values()[places[i]];
                }
                yield Tensor.of(shape, floats.dataType(), values);
            }
        };
    }

    /// Returns the position in Fortran order of each element in row-major order.
    private static int[] places(Shape shape) {
        int[] places = new int[shape.elements()];
        // Extended axis by axis from the first, whose stride is 1: each position so far begins a
        // row of the next axis.
        int known = 1;
        int stride = 1;
        for (int axis = 0; axis < shape.rank() && places.length > 0; axis++) {
            int dimension = shape.dimension(axis);
            for (int i = known - 1; i >= 0; i--) {
                int place = places[i];
                for (int step = dimension - 1; step >= 0; step--) {
                    places[i * dimension + step] = place + step * stride;
                }
            }
            known *= dimension;
            stride *= dimension;
        }
        return places;
    }
}
