package batchnorm.codec.keras;

import batchnorm.codec.Codec;
import batchnorm.codec.QuotedInput;
import batchnorm.codec.binary.BinaryBody;
import batchnorm.codec.binary.BinaryElements;
import batchnorm.codec.binary.Integers;
import batchnorm.codec.keras.HdfObjects.HdfObject;
import batchnorm.tensor.DataType;
import batchnorm.tensor.InvalidShape;
import batchnorm.tensor.Shape;
import io.jhdf.ObjectHeader;
import io.jhdf.object.datatype.FixedPoint;
import io.jhdf.object.datatype.FloatingPoint;
import io.jhdf.object.datatype.OrderedDataType;
import io.jhdf.object.message.DataLayoutMessage;
import io.jhdf.object.message.DataLayoutMessage.CompactDataLayoutMessage;
import io.jhdf.object.message.DataLayoutMessage.ContiguousDataLayoutMessage;
import io.jhdf.object.message.DataSpaceMessage;
import io.jhdf.object.message.DataTypeMessage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A dataset of an HDF5 file: one array, whose elements have not been read.
///
/// @param path in the file
/// @param elements the number of elements
/// @param width of an element, in bytes
/// @param dataType of floats; null for others
/// @param isInteger whether elements are integers of 1, 2, 4 or 8 bytes
/// @param order of the bytes of an element
/// @param compact the bytes, where the header has them
/// @param address of the bytes otherwise
/// @param unreadable the reason why it is not supported, or null
record HdfArray(
        String path,
        int[] dimensions,
        long elements,
        int width,
        @Nullable DataType dataType,
        boolean isInteger,
        boolean isSigned,
        ByteOrder order,
        @Nullable ByteBuffer compact,
        long address,
        @Nullable String unreadable) {
    private static final long UNDEFINED = -1;

    static HdfArray of(HdfObject object) {
        ObjectHeader header = object.header();
        DataSpaceMessage space = header.getMessageOfType(DataSpaceMessage.class);
        DataTypeMessage message = header.getMessageOfType(DataTypeMessage.class);
        io.jhdf.object.datatype.DataType type = message.getDataType();
        DataLayoutMessage layout = header.getMessageOfType(DataLayoutMessage.class);
        int[] dimensions = space.getDataSpace().getDimensions();
        DataType dataType = dataType(type);
        boolean isInteger = type instanceof FixedPoint && Integers.isWidth(type.getSize());
        return new HdfArray(
                object.path(),
                dimensions,
                space.getDataSpace().getTotalLength(),
                type.getSize(),
                dataType,
                isInteger,
                type instanceof FixedPoint integer && integer.isSigned(),
                type instanceof OrderedDataType ordered
                        ? ordered.getByteOrder()
                        : ByteOrder.LITTLE_ENDIAN,
                layout instanceof CompactDataLayoutMessage small ? small.getDataBuffer() : null,
                layout instanceof ContiguousDataLayoutMessage plain
                        ? plain.getAddress()
                        : UNDEFINED,
                message.isMessageShared() || space.isMessageShared()
                        ? "its type is shared with other arrays"
                        : unreadable(layout, dataType, isInteger, dimensions));
    }

    private static @Nullable DataType dataType(io.jhdf.object.datatype.DataType type) {
        if (!(type instanceof FloatingPoint floating)) {
            return null;
        }
        return Arrays.stream(DataType.values())
                .filter(each -> layout(floating).equals(layout(each)))
                .findFirst()
                .orElse(null);
    }

    /// The bits of a float: of an element, the exponent and the fraction, and where they begin; the
    /// bias of the exponent, and the bit of the sign.
    private static List<Integer> layout(FloatingPoint type) {
        return List.of(
                type.getSize() * Byte.SIZE,
                (int) type.getExponentSize(),
                (int) type.getMantissaSize(),
                (int) type.getExponentLocation(),
                (int) type.getMantissaLocation(),
                type.getExponentBias(),
                type.getSignLocation());
    }

    /// Returns the layout that IEEE 754, or bfloat16, gives a type.
    private static List<Integer> layout(DataType type) {
        int exponent =
                switch (type) {
                    case FP64 -> 11;
                    case FP32, BF16 -> 8;
                    case FP16 -> 5;
                };
        int bits = type.bytes() * Byte.SIZE;
        int fraction = bits - 1 - exponent;
        return List.of(bits, exponent, fraction, fraction, 0, (1 << exponent - 1) - 1, bits - 1);
    }

    private static @Nullable String unreadable(
            DataLayoutMessage layout,
            @Nullable DataType dataType,
            boolean isInteger,
            int[] dimensions) {
        boolean isContiguous = layout instanceof ContiguousDataLayoutMessage;
        if (!isContiguous && !(layout instanceof CompactDataLayoutMessage)) {
            return "its data is in chunks; Keras stores an array in one piece";
        }
        if (layout instanceof ContiguousDataLayoutMessage plain
                && plain.getAddress() == UNDEFINED) {
            return "the file has no data for it";
        }
        if (dataType == null && !isInteger) {
            return "its elements are neither floats of 16, 32 or 64 bits nor integers";
        }
        if (isInteger && Arrays.stream(dimensions).anyMatch(length -> length != 1)) {
            return "it has integers, of shape %s; integers are read one at a time"
                    .formatted(Arrays.toString(dimensions));
        }
        return null;
    }

    /// Returns the shape, within the limits.
    ///
    /// @throws batchnorm.codec.BodyTooLarge when it has too many elements
    Shape shape(Codec.Limits limits) {
        try {
            return limits.require(Shape.of(dimensions), QuotedInput.cut(path));
        } catch (InvalidShape e) {
            throw HdfObjects.malformed(path, "its shape is " + Arrays.toString(dimensions));
        }
    }

    long bytes() {
        return elements * width;
    }

    /// Reads the elements: a tensor of floats, or one integer.
    Object read(HdfObjects file, Codec.Limits limits) throws IOException {
        Shape shape = shape(limits);
        ByteBuffer source = compact == null ? file.content(path, address, bytes()) : compact;
        if (source.remaining() < bytes()) {
            throw HdfObjects.malformed(path, "its data ends early");
        }
        limits.memory().reserve(bytes());
        byte[] bytes = new byte[Math.toIntExact(bytes())];
        source.get(bytes);
        try (BinaryBody body =
                new BinaryBody(new ByteArrayInputStream(bytes), "the array", bytes.length)) {
            return isInteger
                    ? Integers.read(body, width, isSigned, order).toStored()
                    : BinaryElements.read(
                            body, shape, Objects.requireNonNull(dataType), order, limits.memory());
        }
    }
}
