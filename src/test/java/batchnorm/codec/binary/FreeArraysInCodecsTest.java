package batchnorm.codec.binary;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.codec.Codec;
import batchnorm.codec.Message;
import batchnorm.codec.Signature;
import batchnorm.codec.json.JsonCodec;
import batchnorm.codec.npy.NpyCodec;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Decoding reuses the array of a freed tensor of the same length.
class FreeArraysInCodecsTest {
    private static final Codec.Limits LIMITS = new Codec.Limits(1 << 20, 64);
    private static final Signature SIGNATURE = Signature.of(Signature.tensor("input"));
    private static final Shape SHAPE = Shape.of(9871, 3); // used by no other test

    private static Tensor zeros(DataType dataType) {
        return dataType == DataType.FP64
                ? Tensor.of(SHAPE, new double[SHAPE.elements()])
                : Tensor.of(SHAPE, dataType, new float[SHAPE.elements()]);
    }

    private static Object array(Tensor tensor) {
        return switch (tensor) {
            case Tensor.Doubles doubles -> doubles.values();
            case Tensor.Floats floats -> floats.values();
        };
    }

    private static void assertReuses(Codec codec, Tensor tensor) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        codec.encode(new Message().with("input", tensor), body);
        Object array = array(tensor);
        tensor.free();
        Message decoded =
                codec.decode(new ByteArrayInputStream(body.toByteArray()), SIGNATURE, LIMITS);
        assertThat(array(decoded.requireTensor("input")))
                .as(() -> body.toString(US_ASCII).substring(0, 60))
                .isSameAs(array);
    }

    @ParameterizedTest
    @EnumSource(DataType.class)
    void asBytes(DataType dataType) throws IOException {
        assertReuses(new RawCodec(SHAPE, dataType), zeros(dataType));
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FP64", "FP32"})
    void inNpyAndJson(DataType dataType) throws IOException {
        assertReuses(new NpyCodec(), zeros(dataType));
        assertReuses(new JsonCodec(), zeros(dataType));
    }
}
