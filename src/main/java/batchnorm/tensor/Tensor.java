package batchnorm.tensor;

import org.jspecify.annotations.Nullable;

/// Numbers with a shape, in row-major order.
///
/// The array is shared, not copied. The creator of a tensor hands the array over, and readers must
/// not write it. A sole owner may [#free] the tensor.
public sealed interface Tensor {
    Shape shape();

    DataType dataType();

    /// Returns the element at an index in row-major order, widened to binary64 (always exact).
    double at(int flatIndex);

    /// Returns all elements, widened to binary64; the tensor's own array if it is FP64.
    double[] toDoubles();

    /// Releases the array for reuse. Later reads of the tensor throw [IllegalStateException]. An
    /// array obtained from [#toDoubles] or `values()` must not be read either. A tensor that is not
    /// freed is garbage-collected.
    void free();

    static Tensor of(Shape shape, double... values) {
        return new Doubles(shape, values);
    }

    static Tensor of(Shape shape, float... values) {
        return new Floats(shape, DataType.FP32, values);
    }

    static Tensor of(Shape shape, DataType dataType, float[] values) {
        return new Floats(shape, dataType, values);
    }

    /// A tensor of [DataType#FP64].
    final class Doubles implements Tensor {
        private final Shape shape;
        private double @Nullable [] values;

        private Doubles(Shape shape, double[] values) {
            requireLength(shape, values.length);
            this.shape = shape;
            this.values = values;
        }

        @Override
        public Shape shape() {
            return shape;
        }

        @Override
        public DataType dataType() {
            return DataType.FP64;
        }

        @Override
        public double at(int flatIndex) {
            return values()[flatIndex];
        }

        @Override
        public double[] toDoubles() {
            return values();
        }

        @Override
        public void free() {
            if (values != null) {
                ArrayPool.DOUBLES.release(values);
                values = null;
            }
        }

        public double[] values() {
            if (values == null) {
                throw new IllegalStateException("this tensor was freed");
            }
            return values;
        }
    }

    /// A tensor of [DataType#FP32], or of a half-width datatype stored as the floats it decodes to.
    final class Floats implements Tensor {
        private final Shape shape;
        private final DataType dataType;
        private float @Nullable [] values;

        private Floats(Shape shape, DataType dataType, float[] values) {
            requireLength(shape, values.length);
            if (dataType == DataType.FP64) {
                throw new IllegalArgumentException("FP64 is held in double[]");
            }
            this.shape = shape;
            this.dataType = dataType;
            this.values = values;
        }

        @Override
        public Shape shape() {
            return shape;
        }

        @Override
        public DataType dataType() {
            return dataType;
        }

        @Override
        public double at(int flatIndex) {
            return values()[flatIndex];
        }

        @Override
        public double[] toDoubles() {
            float[] narrow = values();
            double[] wide = new double[narrow.length];
            for (int i = 0; i < wide.length; i++) {
                wide[i] = narrow[i];
            }
            return wide;
        }

        @Override
        public void free() {
            if (values != null) {
                ArrayPool.FLOATS.release(values);
                values = null;
            }
        }

        public float[] values() {
            if (values == null) {
                throw new IllegalStateException("this tensor was freed");
            }
            return values;
        }
    }

    private static void requireLength(Shape shape, int length) {
        if (shape.elements() != length) {
            throw new InvalidShape(
                    "shape "
                            + shape
                            + " holds "
                            + shape.elements()
                            + " elements, but the data has "
                            + length);
        }
    }
}
