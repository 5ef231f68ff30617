package batchnorm.tensor;

import java.util.Arrays;

/// The dimensions of a tensor, outermost first. Row-major ("C") order throughout.
///
/// A dimension may be 0 (an empty tensor); the number of elements always fits an array index.
public final class Shape {
    /// NumPy's former limit; no layer needs more, and a bound keeps hostile shapes cheap.
    public static final int MAX_RANK = 32;

    /// The longest array that every JVM can allocate.
    public static final int MAX_ELEMENTS = Integer.MAX_VALUE - 8;

    private final int[] dimensions;
    private final int elements;

    private Shape(int[] dimensions, int elements) {
        this.dimensions = dimensions;
        this.elements = elements;
    }

    /// @throws InvalidShape for a negative dimension, a rank above [#MAX_RANK] or a product above
    ///   [#MAX_ELEMENTS]
    public static Shape of(int... dimensions) {
        if (dimensions.length > MAX_RANK) {
            throw new InvalidShape(
                    "rank " + dimensions.length + " is above the limit of " + MAX_RANK);
        }
        return new Shape(dimensions.clone(), product(dimensions));
    }

    private static int product(int[] dimensions) {
        // Zero dimensions are left out of the product, so that [0, 2^31-1, 2^31-1] is rejected like
        // similar shapes.
        long product = 1;
        boolean empty = false;
        for (int i = 0; i < dimensions.length; i++) {
            int dimension = dimensions[i];
            if (dimension < 0) {
                throw new InvalidShape(
                        "dimension " + i + " is " + dimension + "; dimensions are 0 or more");
            }
            empty |= dimension == 0;
            product *= Math.max(dimension, 1);
            if (product > MAX_ELEMENTS) {
                throw new InvalidShape(
                        "the product of shape "
                                + Arrays.toString(dimensions)
                                + " is above the limit of "
                                + MAX_ELEMENTS
                                + " elements");
            }
        }
        return empty ? 0 : (int) product;
    }

    public int rank() {
        return dimensions.length;
    }

    public int dimension(int axis) {
        return dimensions[axis];
    }

    /// Returns the product of the dimensions; 1 for rank 0.
    public int elements() {
        return elements;
    }

    public int[] toArray() {
        return dimensions.clone();
    }

    /// Returns the coordinates of an element, given its index in row-major order.
    public int[] coordinates(int flatIndex) {
        int[] coordinates = new int[dimensions.length];
        int rest = flatIndex;
        for (int axis = dimensions.length - 1; axis >= 0; axis--) {
            coordinates[axis] = rest % dimensions[axis];
            rest /= dimensions[axis];
        }
        return coordinates;
    }

    /// Returns the path of an element for a message: `input[2][1]`.
    ///
    /// @param name of the tensor
    /// @param flatIndex in row-major order
    public String place(String name, int flatIndex) {
        StringBuilder place = new StringBuilder(name);
        for (int coordinate : coordinates(flatIndex)) {
            place.append('[').append(coordinate).append(']');
        }
        return place.toString();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Shape shape && Arrays.equals(dimensions, shape.dimensions);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(dimensions);
    }

    /// Returns the JSON form: `[2, 3]`.
    @Override
    public String toString() {
        return Arrays.toString(dimensions);
    }
}
