package batchnorm.client;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * An array of numbers: little-endian elements in row-major order, and their shape.
 *
 * <p>The buffer is not copied. It must not change while a request is sent.
 *
 * @param datatype of the elements
 * @param shape one size for each axis
 * @param bytes the elements, from the position of the buffer to its limit
 */
public record Tensor(DataType datatype, int[] shape, ByteBuffer bytes) {

    /** The types of elements. */
    public enum DataType {
        FP64(8, "F64"),
        FP32(4, "F32"),
        FP16(2, "F16"),
        BF16(2, "BF16");

        final int size;
        final String inSafetensors;

        DataType(int size, String inSafetensors) {
            this.size = size;
            this.inSafetensors = inSafetensors;
        }
    }

    public Tensor {
        shape = shape.clone();
        bytes = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
        long expected = Arrays.stream(shape).asLongStream().reduce(datatype.size, Math::multiplyExact);
        if (bytes.remaining() != expected) {
            throw new IllegalArgumentException(
                    "shape %s of %s needs %d bytes, not %d"
                            .formatted(Arrays.toString(shape), datatype, expected, bytes.remaining()));
        }
    }

    /** Returns a tensor of FP64. */
    public static Tensor of(double[] values, int... shape) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, 8)).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asDoubleBuffer().put(values);
        return new Tensor(DataType.FP64, shape, bytes);
    }

    /** Returns a tensor of FP32. */
    public static Tensor of(float[] values, int... shape) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, 4)).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return new Tensor(DataType.FP32, shape, bytes);
    }

    /** Returns the elements of FP64 or FP32, widened exactly. */
    public double[] toDoubles() {
        ByteBuffer content = bytes();
        double[] values = new double[content.remaining() / datatype.size];
        switch (datatype) {
            case FP64 -> content.asDoubleBuffer().get(values);
            case FP32 -> {
                float[] narrow = toFloats();
                for (int i = 0; i < values.length; i++) {
                    values[i] = narrow[i];
                }
            }
            default -> throw new IllegalStateException("elements of " + datatype + " are available as bytes alone");
        }
        return values;
    }

    /** Returns the elements of FP32. */
    public float[] toFloats() {
        if (datatype != DataType.FP32) {
            throw new IllegalStateException("the elements are " + datatype + ", not FP32");
        }
        ByteBuffer content = bytes();
        float[] values = new float[content.remaining() / datatype.size];
        content.asFloatBuffer().get(values);
        return values;
    }

    @Override
    public int[] shape() {
        return shape.clone();
    }

    /** Returns the elements, with a position of their own. */
    @Override
    public ByteBuffer bytes() {
        return bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Tensor that
                && datatype == that.datatype
                && Arrays.equals(shape, that.shape)
                && bytes.equals(that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(shape) * 31 + bytes.hashCode();
    }

    @Override
    public String toString() {
        return datatype + Arrays.toString(shape);
    }
}
