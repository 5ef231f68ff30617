package batchnorm.benchmark;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// Encodes an ONNX model of one node: the fields of `onnx.proto` in protocol buffers' wire format.
/// Two wire types suffice, integers and length-delimited values.
final class OnnxModel {
    private static final int IR_VERSION = 8;
    private static final int OPERATOR_SET = 15;
    private static final int FLOAT = 1;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    private OnnxModel() {}

    static byte[] batchNormalization(InferenceCase given) {
        OnnxModel graph =
                new OnnxModel()
                        .message(1, node())
                        .text(2, "graph")
                        .message(5, vector("gamma", given.gamma))
                        .message(5, vector("beta", given.beta))
                        .message(5, vector("mean", given.mean))
                        .message(5, vector("variance", given.variance))
                        .message(11, value("x", given.shape()))
                        .message(12, value("y", given.shape()));
        return new OnnxModel()
                .integer(1, IR_VERSION)
                .message(7, graph)
                .message(8, new OnnxModel().text(1, "").integer(2, OPERATOR_SET))
                .bytes
                .toByteArray();
    }

    /// Epsilon stays at its default, 1e-5.
    private static OnnxModel node() {
        return new OnnxModel()
                .text(1, "x")
                .text(1, "gamma")
                .text(1, "beta")
                .text(1, "mean")
                .text(1, "variance")
                .text(2, "y")
                .text(4, "BatchNormalization");
    }

    private static OnnxModel vector(String name, float[] values) {
        ByteBuffer raw =
                ByteBuffer.allocate(Float.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
        raw.asFloatBuffer().put(values);
        return new OnnxModel()
                .integer(1, values.length)
                .integer(2, FLOAT)
                .text(8, name)
                .field(9, raw.array());
    }

    private static OnnxModel value(String name, long[] shape) {
        OnnxModel dimensions = new OnnxModel();
        for (long dimension : shape) {
            dimensions.message(1, new OnnxModel().integer(1, dimension));
        }
        OnnxModel tensor = new OnnxModel().integer(1, FLOAT).message(2, dimensions);
        return new OnnxModel().text(1, name).message(2, new OnnxModel().message(1, tensor));
    }

    private OnnxModel message(int field, OnnxModel value) {
        return field(field, value.bytes.toByteArray());
    }

    private OnnxModel text(int field, String value) {
        return field(field, value.getBytes(StandardCharsets.UTF_8));
    }

    private OnnxModel integer(int field, long value) {
        varint((long) field << 3);
        varint(value);
        return this;
    }

    private OnnxModel field(int field, byte[] value) {
        varint((long) field << 3 | 2);
        varint(value.length);
        bytes.writeBytes(value);
        return this;
    }

    private void varint(long value) {
        long rest = value;
        while (rest > 0x7F) {
            bytes.write((int) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        bytes.write((int) rest);
    }
}
