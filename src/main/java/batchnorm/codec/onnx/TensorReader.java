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
import java.io.SequenceInputStream;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

/// Reads the elements of a tensor in any of their forms: as bytes (`raw_data`), or as numbers of
/// `float_data`, `double_data` or, for the types of 16 bits, `int32_data`.
final class TensorReader {
    private static final int FLOAT_DATA = 4;
    private static final int INT32_DATA = 5;
    private static final int RAW_DATA = 9;
    private static final int DOUBLE_DATA = 10;

    private TensorReader() {}

    /// The field in which a tensor has its elements.
    ///
    /// @param number of the field; 0 if the tensor has no elements
    /// @param places of the field in the file; more than one if a writer did not pack them
    record Elements(int number, List<Field> places) {

        boolean isRaw() {
            return number == RAW_DATA;
        }

        private long bytes() {
            return places.stream().mapToLong(Field::length).sum();
        }
    }

    /// @param message the content of the tensor
    static Tensor read(FilePart message, OnnxTensor tensor, Codec.Limits limits)
            throws IOException {
        DataType dataType = Objects.requireNonNull(tensor.dataType());
        Shape shape = shape(tensor, limits);
        Elements elements = elements(message, tensor, limits.memory());
        if (elements.number() == INT32_DATA) {
            return narrow(message, elements, shape, dataType, tensor, limits);
        }
        long bytes = elements.bytes();
        if (bytes != (long) shape.elements() * dataType.bytes()) {
            throw malformed(
                    tensor,
                    "its elements have %d bytes, but its shape %s has %d of %s"
                            .formatted(bytes, shape, shape.elements(), dataType));
        }
        try (InputStream content = content(message, elements);
                BinaryBody body = new BinaryBody(content, "the tensor", bytes)) {
            return BinaryElements.read(
                    body, shape, dataType, ByteOrder.LITTLE_ENDIAN, limits.memory());
        }
    }

    /// Returns the place of the elements.
    ///
    /// @throws MalformedTensor when they are in a field of another type, or in two fields
    static Elements elements(FilePart message, OnnxTensor tensor, Codec.Memory memory)
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
        if (places.isEmpty()) {
            return new Elements(0, places);
        }
        int number = places.getFirst().number();
        if (number != RAW_DATA && number != fieldOf(Objects.requireNonNull(tensor.dataType()))) {
            throw malformed(tensor, "its elements are in the field of another type");
        }
        if (number == RAW_DATA && places.size() > 1) {
            throw malformed(tensor, "it has raw_data twice");
        }
        return new Elements(number, places);
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

    private static InputStream content(FilePart message, Elements elements) {
        return new SequenceInputStream(
                Collections.enumeration(
                        elements.places().stream()
                                .map(place -> FilePart.of(message.file(), place).open())
                                .toList()));
    }

    /// Reads elements of 16 bits, each in an integer of 32 bits.
    private static Tensor narrow(
            FilePart message,
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
        try (InputStream content = content(message, elements)) {
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
