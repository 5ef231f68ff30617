package batchnorm.codec.onnx;

import batchnorm.codec.Codec;
import batchnorm.codec.MalformedTensor;
import batchnorm.codec.QuotedInput;
import batchnorm.codec.binary.BinaryBody;
import batchnorm.codec.binary.BinaryElements;
import batchnorm.tensor.DataType;
import batchnorm.tensor.InvalidShape;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// Reads the elements of a tensor in any of their forms: as bytes (`raw_data`), or as numbers of
/// `float_data`, `double_data` or, for the types of 16 bits, `int32_data`.
final class TensorReader {
    static final int INT32_DATA = 5;
    static final int RAW_DATA = 9;
    private static final int FLOAT_DATA = 4;
    private static final int DOUBLE_DATA = 10;

    private TensorReader() {}

    /// Reads the elements of a tensor from where they are.
    static Tensor read(Elements elements, OnnxTensor tensor, Codec.Limits limits)
            throws IOException {
        DataType dataType = Objects.requireNonNull(tensor.dataType());
        Shape shape = shape(tensor, limits);
        if (elements.number() == INT32_DATA) {
            return narrow(elements, shape, dataType, tensor, limits);
        }
        long bytes = elements.bytes();
        if (bytes != (long) shape.elements() * dataType.bytes()) {
            throw malformed(
                    tensor,
                    "its elements have %d bytes, but its shape %s has %d of %s"
                            .formatted(bytes, shape, shape.elements(), dataType));
        }
        try (InputStream content = elements.open();
                BinaryBody body = new BinaryBody(content, "the tensor", bytes)) {
            return BinaryElements.read(
                    body, shape, dataType, ByteOrder.LITTLE_ENDIAN, limits.memory());
        }
    }

    /// Finds the elements of a tensor in its message.
    ///
    /// @param message the content of the tensor
    /// @throws MalformedTensor when they are in a field of another type, or in two fields
    static Elements find(FilePart message, OnnxTensor tensor, Codec.Memory memory)
            throws IOException {
        List<Field> places = new ArrayList<>();
        FieldReader reader =
                new FieldReader(
                        message.open(), (int) message.from(), (int) message.length(), memory);
        reader.root(number -> {
            if (number == FLOAT_DATA
                    || number == INT32_DATA
                    || number == RAW_DATA
                    || number == DOUBLE_DATA) {
                if (!places.isEmpty() && places.getFirst().number() != number) {
                    throw malformed(tensor, "it has elements in two fields");
                }
                reader.count(1);
                places.add(reader.isSized() ? reader.field() : reader.scalar());
            }
        });
        int number = places.isEmpty() ? RAW_DATA : places.getFirst().number();
        if (number != RAW_DATA && number != fieldOf(Objects.requireNonNull(tensor.dataType()))) {
            throw malformed(tensor, "its elements are in the field of another type");
        }
        if (number == RAW_DATA && places.size() > 1) {
            throw malformed(tensor, "it has raw_data twice");
        }
        return new Elements(message.file(), number, places);
    }

    /// Returns the number of the field for elements that are not bytes.
    private static int fieldOf(DataType dataType) {
        return switch (dataType) {
            case FP32 -> FLOAT_DATA;
            case FP64 -> DOUBLE_DATA;
            case FP16, BF16 -> INT32_DATA;
        };
    }

    private static Shape shape(OnnxTensor tensor, Codec.Limits limits) {
        int[] dimensions = new int[tensor.dimensions().size()];
        try {
            for (int axis = 0; axis < dimensions.length; axis++) {
                dimensions[axis] = Math.toIntExact(tensor.dimensions().get(axis));
            }
            return limits.require(Shape.of(dimensions), QuotedInput.cut(tensor.name()));
        } catch (InvalidShape | ArithmeticException e) {
            throw malformed(tensor, "its shape is " + tensor.dimensions());
        }
    }

    /// Reads elements of 16 bits, each in an integer of 32 bits.
    private static Tensor narrow(
            Elements elements,
            Shape shape,
            DataType dataType,
            OnnxTensor tensor,
            Codec.Limits limits)
            throws IOException {
        long bytes = elements.bytes();
        if (shape.elements() > bytes) {
            throw wrongCount(tensor, shape, "at most " + bytes);
        }
        limits.memory().reserve((long) Float.BYTES * shape.elements());
        float[] values = new float[shape.elements()];
        int count = 0;
        try (InputStream content = elements.open()) {
            CodedInputStream in = CodedInputStream.newInstance(content);
            while (!in.isAtEnd()) {
                short bits = (short) in.readRawVarint32();
                if (count == values.length) {
                    throw wrongCount(tensor, shape, "more");
                }
                values[count++] =
                        dataType == DataType.FP16
                                ? Float.float16ToFloat(bits)
                                : DataType.bfloat16ToFloat(bits);
            }
        } catch (InvalidProtocolBufferException e) {
            throw malformed(tensor, "an integer of int32_data is cut off");
        }
        if (count < values.length) {
            throw wrongCount(tensor, shape, Integer.toString(count));
        }
        return Tensor.of(shape, dataType, values);
    }

    private static MalformedTensor wrongCount(OnnxTensor tensor, Shape shape, String found) {
        return malformed(
                tensor,
                "its shape %s has %d elements, but int32_data has %s"
                        .formatted(shape, shape.elements(), found));
    }

    static MalformedTensor malformed(OnnxTensor tensor, String reason) {
        return new MalformedTensor(
                QuotedInput.cut(tensor.name()),
                "tensor " + QuotedInput.of(tensor.name()) + ": " + reason);
    }
}
