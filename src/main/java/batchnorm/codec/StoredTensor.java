package batchnorm.codec;

import batchnorm.tensor.DataType;
import batchnorm.tensor.InvalidShape;
import batchnorm.tensor.Shape;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.Arrays;

/// One tensor of a safetensors file, as the header describes it: its numbers are the bytes `[begin,
/// end)` behind the header.
///
/// A value that exists fits together: the shape takes as many bytes as there are.
record StoredTensor(String name, StoredType type, long[] dimensions, long begin, long end) {

    StoredTensor {
        if (begin < 0 || end < begin) {
            throw malformed(
                    name, "the offsets [%d, %d) are not in order from 0".formatted(begin, end));
        }
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

    /// Reads the numbers, which come next: a tensor, or a whole number where the file has one.
    Object read(BinaryBody body, Codec.Limits limits) throws IOException {
        if (type == StoredType.I64) {
            requireScalar("integers");
            body.require(Long.BYTES, place());
            return body.buffer.getLong();
        }
        if (type == StoredType.BOOL) {
            requireScalar("truth values");
            body.require(1, place());
            return body.buffer.get() != 0;
        }
        DataType dataType = type.dataType();
        if (dataType == null) {
            throw malformed(name, "its dtype " + type + " is not one that is computed with here");
        }
        return BinaryElements.read(body, shape(limits), dataType, ByteOrder.LITTLE_ENDIAN);
    }

    private void requireScalar(String what) {
        if (Arrays.stream(dimensions).anyMatch(dimension -> dimension != 1)) {
            throw malformed(
                    name,
                    "shape %s of %s: %s come one at a time, in shape [] or [1]"
                            .formatted(Arrays.toString(dimensions), type, what));
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
        return "the tensor " + Echo.of(name);
    }

    static MalformedTensor malformed(String name, String reason) {
        return new MalformedTensor(Echo.cut(name), "tensor " + Echo.of(name) + ": " + reason);
    }
}
