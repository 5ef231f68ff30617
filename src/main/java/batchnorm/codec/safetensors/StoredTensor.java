package batchnorm.codec.safetensors;

import batchnorm.codec.Codec;
import batchnorm.codec.MalformedTensor;
import batchnorm.codec.QuotedInput;
import batchnorm.codec.binary.BinaryBody;
import batchnorm.codec.binary.BinaryElements;
import batchnorm.codec.binary.Integers;
import batchnorm.tensor.DataType;
import batchnorm.tensor.InvalidShape;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// One tensor of a safetensors file, as the header describes it: its numbers are the bytes `[begin,
/// end)` after the header.
///
/// The constructor rejects a shape that does not match the number of bytes, if the size of the type
/// is known.
///
/// @param dtype as spelled in the header
record StoredTensor(String name, String dtype, long[] dimensions, long begin, long end) {

    StoredTensor {
        if (begin < 0 || end < begin) {
            throw malformed(
                    name, "the offsets [%d, %d) are not in order from 0".formatted(begin, end));
        }
        StoredType type = StoredType.parse(dtype);
        if (type != null) {
            requireSize(name, type, dimensions, begin, end);
        }
    }

    private static void requireSize(
            String name, StoredType type, long[] dimensions, long begin, long end) {
        long bits = type.bits();
        try {
            for (long dimension : dimensions) {
                bits = Math.multiplyExact(bits, dimension);
            }
        } catch (ArithmeticException overflow) {
            throw malformed(
                    name,
                    "shape "
                            + Arrays.toString(dimensions)
                            + " takes more than 2^63 bits of memory");
        }
        if (bits != Byte.SIZE * (end - begin)) {
            throw malformed(
                    name,
                    "shape %s of %s takes %d bits, but the offsets [%d, %d) hold %d bytes"
                            .formatted(
                                    Arrays.toString(dimensions),
                                    type,
                                    bits,
                                    begin,
                                    end,
                                    end - begin));
        }
    }

    long bytes() {
        return end - begin;
    }

    /// Reads the next value as a field of a request: a tensor, an integer or a boolean.
    Object read(BinaryBody body, Codec.Limits limits) throws IOException {
        StoredType type = StoredType.parse(dtype);
        if (type == StoredType.I64) {
            requireScalar("integers");
            body.require(Long.BYTES, place());
            return body.buffer.getLong();
        }
        if (type == StoredType.BOOL) {
            requireScalar("booleans");
            body.require(1, place());
            return body.buffer.get() != 0;
        }
        return floats(type, body, limits);
    }

    /// Returns the reason why [#readStored] cannot read the tensor, or null if it can.
    @Nullable String unreadable() {
        StoredType type = StoredType.parse(dtype);
        if (type == null || (type.dataType() == null && !type.isInteger())) {
            return "its dtype %s is none of F64, F32, F16, BF16 and the integers"
                    .formatted(QuotedInput.of(dtype));
        }
        return type.isInteger() && !isSingle()
                ? "its dtype is %s and its shape %s; integers are read one at a time"
                        .formatted(type, Arrays.toString(dimensions))
                : null;
    }

    /// Reads the next value of a checkpoint: a tensor of floats, or one integer.
    Object readStored(BinaryBody body, Codec.Limits limits) throws IOException {
        StoredType type = StoredType.parse(dtype);
        return type != null && type.isInteger()
                ? Integers.read(
                                body,
                                type.bits() / Byte.SIZE,
                                type.isSigned(),
                                ByteOrder.LITTLE_ENDIAN)
                        .toStored()
                : floats(type, body, limits);
    }

    private Tensor floats(@Nullable StoredType type, BinaryBody body, Codec.Limits limits)
            throws IOException {
        DataType dataType = type == null ? null : type.dataType();
        if (dataType == null) {
            throw malformed(
                    name,
                    "its dtype %s is none of F64, F32, F16 and BF16"
                            .formatted(QuotedInput.of(dtype)));
        }
        return BinaryElements.read(
                body, shape(limits), dataType, ByteOrder.LITTLE_ENDIAN, limits.memory());
    }

    private boolean isSingle() {
        return Arrays.stream(dimensions).allMatch(dimension -> dimension == 1);
    }

    private void requireScalar(String what) {
        if (!isSingle()) {
            throw malformed(
                    name,
                    "shape %s of %s: %s come one at a time, in shape [] or [1]"
                            .formatted(Arrays.toString(dimensions), dtype, what));
        }
    }

    private Shape shape(Codec.Limits limits) {
        int[] narrow = new int[dimensions.length];
        for (int axis = 0; axis < narrow.length; axis++) {
            narrow[axis] = (int) Math.min(dimensions[axis], Integer.MAX_VALUE);
        }
        try {
            return limits.require(Shape.of(narrow), name);
        } catch (InvalidShape e) {
            throw malformed(name, String.valueOf(e.getMessage()));
        }
    }

    String place() {
        return "the tensor " + QuotedInput.of(name);
    }

    static MalformedTensor malformed(String name, String reason) {
        return new MalformedTensor(
                QuotedInput.cut(name), "tensor " + QuotedInput.of(name) + ": " + reason);
    }
}
