package batchnorm.codec.binary;

import batchnorm.codec.Codec;
import batchnorm.tensor.ArrayPool;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/// Reads and writes tensors as the bytes of their elements in row-major order. Bytes are copied to
/// arrays in bulk, through one buffer.
public final class BinaryElements {
    /// The elements allocated before any has arrived, regardless of the header. More memory is
    /// allocated only as elements arrive.
    private static final int ON_TRUST = 1 << 18;

    /// Divisible by three, so that base64 pads only at the end, and by every width of an element.
    public static final int CHUNK = 3 << 13;

    private static final float[] NO_FLOATS = {};
    private static final double[] NO_DOUBLES = {};

    private BinaryElements() {}

    /// Reads the elements of a shape that was checked against the limits.
    ///
    /// @param memory counts the array before it is allocated
    public static Tensor read(
            BinaryBody body, Shape shape, DataType dataType, ByteOrder order, Codec.Memory memory)
            throws IOException {
        int elements = shape.elements();
        int trusted = Math.min(elements, ON_TRUST);
        boolean wide = dataType == DataType.FP64;
        int width = wide ? Double.BYTES : Float.BYTES;
        memory.reserve((long) width * trusted);
        float[] floats = wide ? NO_FLOATS : ArrayPool.FLOATS.acquire(elements, trusted);
        double[] doubles = wide ? ArrayPool.DOUBLES.acquire(elements, trusted) : NO_DOUBLES;
        // A pooled array already has the length of the tensor.
        memory.reserve((long) width * (floats.length + doubles.length - trusted));
        ByteBuffer source = body.buffer;
        source.order(order);
        for (int size = 0; size < elements; ) {
            body.require(dataType.bytes(), "its " + elements + " elements, at element " + size);
            int count = Math.min(source.remaining() / dataType.bytes(), elements - size);
            int length = wide ? doubles.length : floats.length;
            int capacity = capacity(length, size + count, elements);
            if (capacity > length) {
                memory.reserve((long) width * (capacity - length));
            }
            if (wide) {
                doubles = capacity == length ? doubles : Arrays.copyOf(doubles, capacity);
                source.asDoubleBuffer().get(doubles, size, count);
            } else {
                floats = capacity == length ? floats : Arrays.copyOf(floats, capacity);
                decode(source, dataType, floats, size, count);
            }
            source.position(source.position() + count * dataType.bytes());
            size += count;
        }
        source.order(ByteOrder.LITTLE_ENDIAN);
        return wide ? Tensor.of(shape, doubles) : Tensor.of(shape, dataType, floats);
    }

    /// Reads one byte for each element, as FP32.
    ///
    /// @param memory counts the array before it is allocated
    public static Tensor readBytes(BinaryBody body, Shape shape, Codec.Memory memory)
            throws IOException {
        int elements = shape.elements();
        int trusted = Math.min(elements, ON_TRUST);
        memory.reserve((long) Float.BYTES * trusted);
        float[] values = new float[trusted];
        for (int at = 0; at < elements; at++) {
            body.require(1, "its " + elements + " elements, at element " + at);
            int capacity = capacity(values.length, at + 1, elements);
            if (capacity > values.length) {
                memory.reserve((long) Float.BYTES * (capacity - values.length));
                values = Arrays.copyOf(values, capacity);
            }
            values[at] = body.buffer.get() & 0xFF;
        }
        return Tensor.of(shape, values);
    }

    private static int capacity(int length, int needed, int elements) {
        return needed <= length ? length : (int) Math.min(elements, 4L * length);
    }

    private static void decode(
            ByteBuffer source, DataType dataType, float[] values, int from, int count) {
        int at = source.position();
        switch (dataType) {
            case FP32 -> source.asFloatBuffer().get(values, from, count);
            case FP16 -> {
                for (int i = 0; i < count; i++) {
                    values[from + i] = Float.float16ToFloat(source.getShort(at + 2 * i));
                }
            }
            case BF16 -> {
                for (int i = 0; i < count; i++) {
                    values[from + i] = DataType.bfloat16ToFloat(source.getShort(at + 2 * i));
                }
            }
            case FP64 -> throw new IllegalArgumentException("FP64 is held in double[]");
        }
    }

    /// Writes all elements, little-endian; half-width elements are rounded.
    public static void write(Tensor tensor, OutputStream body) throws IOException {
        int width = tensor.dataType().bytes();
        int elements = tensor.shape().elements();
        byte[] chunk = BufferPool.acquire(Math.min(elements, CHUNK / width) * width);
        for (int from = 0; from < elements; from += CHUNK / width) {
            int to = Math.min(elements, from + CHUNK / width);
            encode(tensor, from, to, chunk);
            body.write(chunk, 0, (to - from) * width);
        }
        BufferPool.release(chunk);
    }

    /// Encodes the elements `[from, to)` at the start of `target`.
    public static void encode(Tensor tensor, int from, int to, byte[] target) {
        ByteBuffer buffer = ByteBuffer.wrap(target).order(ByteOrder.LITTLE_ENDIAN);
        switch (tensor) {
            case Tensor.Doubles doubles ->
                    buffer.asDoubleBuffer().put(doubles.values(), from, to - from);
            case Tensor.Floats floats ->
                    encode(floats.values(), floats.dataType(), from, to, buffer);
        }
    }

    private static void encode(
            float[] values, DataType dataType, int from, int to, ByteBuffer target) {
        switch (dataType) {
            case FP32 -> target.asFloatBuffer().put(values, from, to - from);
            case FP16 -> {
                for (int i = from; i < to; i++) {
                    target.putShort(Float.floatToFloat16(values[i]));
                }
            }
            case BF16 -> {
                for (int i = from; i < to; i++) {
                    target.putShort(DataType.floatToBfloat16(values[i]));
                }
            }
            case FP64 -> throw new IllegalArgumentException("FP64 is held in double[]");
        }
    }
}
