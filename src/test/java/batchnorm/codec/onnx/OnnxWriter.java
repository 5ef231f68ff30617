package batchnorm.codec.onnx;

import batchnorm.codec.binary.BinaryElements;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// Writes ONNX models field by field.
public final class OnnxWriter {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final CodedOutputStream out = CodedOutputStream.newInstance(bytes);

    @FunctionalInterface
    private interface Write {
        void run() throws IOException;
    }

    private OnnxWriter write(Write write) {
        try {
            write.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    public static OnnxWriter message() {
        return new OnnxWriter();
    }

    public OnnxWriter integer(int field, long value) {
        return write(() -> out.writeInt64(field, value));
    }

    public OnnxWriter number(int field, float value) {
        return write(() -> out.writeFloat(field, value));
    }

    public OnnxWriter wide(int field, double value) {
        return write(() -> out.writeDouble(field, value));
    }

    public OnnxWriter bytes(int field, byte[] value) {
        return write(() -> out.writeByteArray(field, value));
    }

    public OnnxWriter text(int field, String value) {
        return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    public OnnxWriter message(int field, OnnxWriter message) {
        return bytes(field, message.toBytes());
    }

    public byte[] toBytes() {
        write(out::flush);
        return bytes.toByteArray();
    }

    /// Returns a model of a graph, as PyTorch's exporter writes the header.
    public static OnnxWriter model(int opset, OnnxWriter graph) {
        return message()
                .integer(1, 8)
                .text(2, "a test")
                .message(7, graph)
                .message(8, message().text(1, "").integer(2, opset));
    }

    public static OnnxWriter node(
            String operator,
            String name,
            String[] inputs,
            String[] outputs,
            OnnxWriter... attributes) {
        OnnxWriter node = message();
        for (String input : inputs) {
            node.text(1, input);
        }
        for (String output : outputs) {
            node.text(2, output);
        }
        node.text(3, name).text(4, operator);
        for (OnnxWriter attribute : attributes) {
            node.message(5, attribute);
        }
        return node;
    }

    public static OnnxWriter attribute(String name, float value) {
        return message().text(1, name).number(2, value).integer(20, 1);
    }

    public static OnnxWriter attribute(String name, long value) {
        return message().text(1, name).integer(3, value).integer(20, 2);
    }

    public static OnnxWriter attribute(String name, String value) {
        return message().text(1, name).text(4, value).integer(20, 3);
    }

    /// An attribute of integers, which ONNX does not pack.
    public static OnnxWriter attribute(String name, long... values) {
        OnnxWriter attribute = message().text(1, name);
        for (long value : values) {
            attribute.integer(8, value);
        }
        return attribute.integer(20, 7);
    }

    /// An attribute of a tensor (field 5) or a graph (field 6).
    public static OnnxWriter attribute(String name, int field, OnnxWriter value) {
        return message().text(1, name).message(field, value).integer(20, field - 1);
    }

    /// A tensor without elements.
    public static OnnxWriter header(String name, int elementType, long... dimensions) {
        OnnxWriter tensor = message();
        for (long dimension : dimensions) {
            tensor.integer(1, dimension);
        }
        return tensor.integer(2, elementType).text(8, name);
    }

    public static OnnxWriter tensor(String name, Tensor values) {
        return message()
                .bytes(1, packed(values.shape()))
                .integer(2, OnnxTensor.elementType(values.dataType()))
                .text(8, name)
                .bytes(9, elements(values));
    }

    public static OnnxWriter vector(String name, double... values) {
        float[] narrow = new float[values.length];
        for (int i = 0; i < narrow.length; i++) {
            narrow[i] = (float) values[i];
        }
        return tensor(name, Tensor.of(Shape.of(narrow.length), DataType.FP32, narrow));
    }

    private static byte[] packed(Shape shape) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        CodedOutputStream target = CodedOutputStream.newInstance(packed);
        try {
            for (int dimension : shape.toArray()) {
                target.writeInt64NoTag(dimension);
            }
            target.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return packed.toByteArray();
    }

    public static byte[] elements(Tensor tensor) {
        ByteArrayOutputStream elements = new ByteArrayOutputStream();
        try {
            BinaryElements.write(tensor, elements);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return elements.toByteArray();
    }

    /// A declaration of a value of FP32, with a dimension of each number.
    public static OnnxWriter value(String name, long... dimensions) {
        OnnxWriter shape = message();
        for (long dimension : dimensions) {
            shape.message(1, message().integer(1, dimension));
        }
        return message()
                .text(1, name)
                .message(2, message().message(1, message().integer(1, 1).message(2, shape)));
    }

    public static Path save(Path directory, byte[] model) {
        try {
            return Files.write(Files.createTempFile(directory, "test", ".onnx"), model);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
