package batchnorm.codec.onnx;

import batchnorm.codec.binary.BinaryElements;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/// Writes new messages of a model.
final class Messages {
    private static final int DIMENSIONS = 1;
    private static final int ELEMENT_TYPE = 2;
    private static final int NAME = 8;

    private Messages() {}

    static Content text(int number, String text) throws IOException {
        return Content.of(text.getBytes(StandardCharsets.UTF_8)).asField(number);
    }

    static Content integer(int number, long value) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        out.writeInt64(number, value);
        out.flush();
        return Content.of(bytes.toByteArray());
    }

    static Content tensor(String name, Tensor values) throws IOException {
        Content tensor = new Content();
        for (int dimension : values.shape().toArray()) {
            tensor.add(integer(DIMENSIONS, dimension));
        }
        ByteArrayOutputStream elements = new ByteArrayOutputStream();
        BinaryElements.write(values, elements);
        return tensor.add(integer(ELEMENT_TYPE, OnnxTensor.elementType(values.dataType())))
                .add(text(NAME, name))
                .add(Content.of(elements.toByteArray()).asField(TensorReader.RAW_DATA));
    }

    /// Returns the declaration of a value.
    static Content value(String name, DataType dataType, Shape shape) throws IOException {
        Content dimensions = new Content();
        for (int dimension : shape.toArray()) {
            dimensions.add(integer(1, dimension).asField(1));
        }
        Content tensorType =
                integer(1, OnnxTensor.elementType(dataType)).add(dimensions.asField(2));
        return text(1, name).add(tensorType.asField(1).asField(2));
    }
}
