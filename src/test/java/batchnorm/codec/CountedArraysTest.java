package batchnorm.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.codec.binary.RawCodec;
import batchnorm.codec.json.JsonCodec;
import batchnorm.codec.npy.NpyCodec;
import batchnorm.codec.npy.NpzCodec;
import batchnorm.codec.safetensors.SafetensorsCodec;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.function.Supplier;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The memory of decoded bodies is counted before it is allocated, in every format.
class CountedArraysTest {
    private static final int NUMBERS = 2_500_000;
    private static final Shape SHAPE = Shape.of(NUMBERS / 2, 2);
    private static final Signature INPUT = Signature.of(Signature.tensor("input"));
    private static final Message ZEROS =
            new Message().with("input", Tensor.of(SHAPE, new double[NUMBERS]));

    /// Bodies of zeros, and the codec that reads each.
    enum Body {
        NESTED(new JsonCodec(), () -> json("[" + repeated("[0,0]", NUMBERS / 2) + "]")),
        FLAT(new JsonCodec(), () -> json(object("\"data\":[" + repeated("0", NUMBERS) + "]"))),
        DATATYPE_LAST(
                new JsonCodec(),
                () ->
                        json(
                                "{\"data\":["
                                        + repeated("0", NUMBERS)
                                        + "],\"datatype\":\"FP64\","
                                        + "\"shape\":["
                                        + NUMBERS / 2
                                        + ",2]}")),
        BASE64(
                new JsonCodec(),
                () ->
                        json(
                                object(
                                        "\"base64\":\""
                                                + Base64.getEncoder()
                                                        .encodeToString(new byte[8 * NUMBERS])
                                                + '"'))),
        NPY(new NpyCodec(), () -> encoded(new NpyCodec())),
        DEFLATED_NPZ(new NpzCodec(), CountedArraysTest::deflated),
        SAFETENSORS(new SafetensorsCodec(), () -> encoded(new SafetensorsCodec())),
        RAW(new RawCodec(SHAPE, DataType.FP64), () -> new byte[8 * NUMBERS]);

        private final Codec codec;
        private final Supplier<byte[]> bytes;

        Body(Codec codec, Supplier<byte[]> bytes) {
            this.codec = codec;
            this.bytes = bytes;
        }

        private Message decode(Codec.Memory memory) throws IOException {
            return codec.decode(
                    new ByteArrayInputStream(bytes.get()),
                    INPUT,
                    new Codec.Limits(1 << 22, 64, memory));
        }
    }

    /// Counts at least the array, and at most a doubling array plus the bytes beside it.
    @ParameterizedTest
    @EnumSource(Body.class)
    void areCountedInFull(Body body) throws IOException {
        long[] counted = new long[2];
        body.decode(bytes -> {
            counted[0] += bytes;
            counted[1] = Math.max(counted[1], counted[0]);
        });
        assertThat(counted[0]).isBetween(8L * NUMBERS, 20L * NUMBERS);
        assertThat(counted[1]).isLessThan(20L * NUMBERS);
    }

    /// A pooled array already has the length of the whole tensor.
    @ParameterizedTest
    @EnumSource(Body.class)
    void areCountedInFullWhenAnArrayServesAgain(Body body) throws IOException {
        body.decode(bytes -> {}).requireTensor("input").free();
        long[] counted = new long[1];
        body.decode(bytes -> counted[0] += bytes);
        assertThat(counted[0]).isBetween(8L * NUMBERS, 20L * NUMBERS);
    }

    @ParameterizedTest
    @EnumSource(Body.class)
    void endWhereThereIsNoMemory(Body body) {
        long[] counted = new long[1];
        assertThatThrownBy(() ->
                        body.decode(bytes -> {
                            if (counted[0] + bytes > 8L * NUMBERS - 1) {
                                throw new IllegalStateException("no memory");
                            }
                            counted[0] += bytes;
                        }))
                .hasMessage("no memory");
    }

    private static byte[] json(String input) {
        return ("{\"input\":" + input + "}").getBytes(StandardCharsets.US_ASCII);
    }

    private static String object(String data) {
        return "{\"shape\":[%d,2],\"datatype\":\"FP64\",%s}".formatted(NUMBERS / 2, data);
    }

    private static String repeated(String value, int times) {
        return (value + ",").repeat(times - 1) + value;
    }

    private static byte[] encoded(Codec codec) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        try {
            codec.encode(ZEROS, body);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return body.toByteArray();
    }

    private static byte[] deflated() {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        try (ZipOutputStream archive = new ZipOutputStream(body)) {
            archive.putNextEntry(new ZipEntry("input.npy"));
            archive.write(encoded(new NpyCodec()));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return body.toByteArray();
    }
}
