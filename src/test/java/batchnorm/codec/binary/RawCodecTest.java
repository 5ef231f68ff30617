package batchnorm.codec.binary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.codec.BodyTooLarge;
import batchnorm.codec.Codec;
import batchnorm.codec.Fields;
import batchnorm.codec.MalformedTensor;
import batchnorm.codec.Message;
import batchnorm.codec.Trickle;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class RawCodecTest {
    private static final Codec.Limits LIMITS = new Codec.Limits(3_000_000, 16);

    @ParameterizedTest
    @CsvSource({
        "FP64, 000000000000f83f00000000000000c0",
        "FP32, 0000c03f000000c0",
        "FP16, 003e00c0",
        "BF16, c03f00c0",
    })
    void readsAndWritesLittleEndian(DataType dataType, String hexadecimal) throws IOException {
        byte[] bytes = HexFormat.of().parseHex(hexadecimal);
        RawCodec codec = new RawCodec(Shape.of(2), dataType);
        for (int step = 1; step <= bytes.length; step++) {
            Message message = codec.decode(new Trickle(bytes, step), Fields.ALL, LIMITS);
            assertThat(message.requireTensor("input").at(0)).isEqualTo(1.5);
            assertThat(message.requireTensor("input").at(1)).isEqualTo(-2);
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            codec.encode(message, body);
            assertThat(body.toByteArray()).isEqualTo(bytes);
        }
    }

    /// Quiet and signalling NaNs, with any payload and sign: the operator decides how to treat
    /// them.
    @ParameterizedTest
    @CsvSource({
        "FP64, 010000000000f07fefbeaddedec0f8ff",
        "FP32, 0100807fefbec0ff",
        "FP16, 017cfffe",
        "BF16, 817fc1ff",
    })
    void takesEveryPatternOfNotANumber(DataType dataType, String hexadecimal) throws IOException {
        byte[] bytes = HexFormat.of().parseHex(hexadecimal);
        Message message =
                new RawCodec(Shape.of(2), dataType)
                        .decode(new ByteArrayInputStream(bytes), Fields.ALL, LIMITS);
        assertThat(message.requireTensor("input").at(0)).isNaN();
        assertThat(message.requireTensor("input").at(1)).isNaN();
    }

    @ParameterizedTest
    @EnumSource
    void readsMoreThanIsTakenOnTrust(DataType dataType) throws IOException {
        int elements = 2_500_001;
        byte[] bytes = new byte[elements * dataType.bytes()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i * 31 % 64); // neither NaN nor infinite
        }
        RawCodec codec = new RawCodec(Shape.of(elements), dataType);
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        codec.encode(codec.decode(new ByteArrayInputStream(bytes), Fields.ALL, LIMITS), body);
        assertThat(body.toByteArray()).isEqualTo(bytes);
    }

    @Test
    void roundsHalfWidthTensorsOnce() throws IOException {
        Tensor tensor = Tensor.of(Shape.of(3), DataType.BF16, new float[] {257, 259, Float.NaN});
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        new RawCodec(Shape.of(), DataType.FP32).encode(new Message().with("output", tensor), body);
        assertThat(HexFormat.of().formatHex(body.toByteArray())).isEqualTo("80438243c07f");
    }

    @Test
    void refusesAnotherSize() {
        RawCodec codec = new RawCodec(Shape.of(2), DataType.FP32);
        assertThatThrownBy(() ->
                        codec.decode(new ByteArrayInputStream(new byte[7]), Fields.ALL, LIMITS))
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining("byte 4")
                .hasMessageContaining("in the middle of its 2 elements, at element 1");
        assertThatThrownBy(() ->
                        codec.decode(new ByteArrayInputStream(new byte[9]), Fields.ALL, LIMITS))
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining("longer than the 8 bytes that shape [2] of FP32 takes");
    }

    @Test
    void refusesShapesBeyondTheLimitBeforeAnyData() {
        RawCodec codec = new RawCodec(Shape.of(3_000_001), DataType.FP32);
        assertThatThrownBy(() ->
                        codec.decode(new ByteArrayInputStream(new byte[0]), Fields.ALL, LIMITS))
                .isInstanceOf(BodyTooLarge.class);
    }
}
