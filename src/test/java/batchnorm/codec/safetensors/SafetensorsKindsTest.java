package batchnorm.codec.safetensors;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.codec.BodyTooLarge;
import batchnorm.codec.Checkpoint;
import batchnorm.codec.Codec;
import batchnorm.codec.Fields;
import batchnorm.codec.MalformedTensor;
import batchnorm.codec.Message;
import batchnorm.codec.Wanted;
import batchnorm.codec.binary.Budget;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The decoded values of the types of a safetensors file, and the fields that accept them.
class SafetensorsKindsTest {
    private static final Codec.Limits LIMITS = new Codec.Limits(1000, 16);
    private static final SafetensorsCodec CODEC = new SafetensorsCodec();

    /// One tensor with its name, type, shape, and bytes in hexadecimal.
    private static byte[] file(String name, String dtype, String shape, String hexadecimal) {
        byte[] data = HexFormat.of().parseHex(hexadecimal);
        return SafetensorsCodecTest.file(
                "{'%s': {'dtype': '%s', 'shape': %s, 'data_offsets': [0, %d]}}"
                        .formatted(name, dtype, shape, data.length),
                data);
    }

    private static Message decode(byte[] file) throws IOException {
        return CODEC.decode(new ByteArrayInputStream(file), Fields.ALL, LIMITS);
    }

    private static Checkpoint all(byte[] file) throws IOException {
        return SafetensorsCodec.decode(new ByteArrayInputStream(file), Wanted.ALL, LIMITS);
    }

    @Test
    void fillFieldsOfTheirKind() throws IOException {
        assertThat(decode(file("input", "F32", "[1,2]", "0000c03f000000c0")).requireTensor("input"))
                .satisfies(tensor -> assertThat(tensor.toDoubles()).containsExactly(1.5, -2));
        assertThat(decode(file("vector", "F16", "[2]", "003e00c0")).vector("vector"))
                .containsExactly(1.5, -2);
        assertThat(decode(file("number", "BF16", "[]", "c03f")).number("number")).isEqualTo(1.5);
        assertThat(decode(file("integer", "I64", "[]", "feffffffffffffff")).integer("integer"))
                .isEqualTo(-2);
        assertThat(decode(file("integer", "I64", "[1]", "0700000000000000")).integer("integer"))
                .isEqualTo(7);
        assertThat(decode(file("flag", "BOOL", "[]", "01")).bool("flag")).isTrue();
        assertThat(decode(file("flag", "BOOL", "[1]", "00")).bool("flag")).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "input; I64; []; a tensor of floats",
                "vector; F64; []; a vector of floats",
                "vector; F64; [1,1]; a vector of floats",
                "vector; I64; []; a vector of floats",
                "number; F64; [1]; a float of shape []",
                "number; I64; []; a float of shape []",
                "integer; F64; []; an I64 of shape []",
                "flag; F64; []; a BOOL of shape []",
                "text; F64; []; a text in __metadata__",
                "object; F64; []; a kind that this format supports; send it in JSON or in the query",
                "list; F64; []; a kind that this format supports",
            })
    void fillNoOtherFields(String field, String dtype, String shape, String kind) {
        assertThatThrownBy(() -> decode(file(field, dtype, shape, "00".repeat(8))))
                .isInstanceOfSatisfying(
                        MalformedTensor.class,
                        refused -> assertThat(refused.field()).isEqualTo(field))
                .hasMessageStartingWith(
                        "tensor \"%s\": its dtype and shape are not those of %s", field, kind);
    }

    @Test
    void endWithTheFile() {
        byte[] file = file("number", "F64", "[]", "00".repeat(8));
        assertThatThrownBy(() -> decode(Arrays.copyOf(file, file.length + 1)))
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining("the body continues after its end");
    }

    @Test
    void comeWithTextsOfWhichUnknownOnesAreLeft() throws IOException {
        byte[] file =
                SafetensorsCodecTest.file(
                        "{'__metadata__': {'text': 'a', 'format': 'pt', 'number': '7'}}");
        assertThat(decode(file).values()).containsOnlyKeys("text").containsValue("a");
    }

    /// Follows the table of the format.
    @ParameterizedTest
    @CsvSource({
        "F64, 64", "F32, 32", "F16, 16", "BF16, 16", "I64, 64", "U64, 64", "C64, 64", "I32, 32",
        "U32, 32", "I16, 16", "U16, 16", "I8, 8", "U8, 8", "BOOL, 8", "F8_E5M2, 8", "F8_E4M3, 8",
        "F8_E8M0, 8", "F6_E2M3, 6", "F6_E3M2, 6", "F4, 4",
    })
    void takeAsManyBitsAsTheyHave(String dtype, int bits) throws IOException {
        byte[] file = file("a", dtype, "[2,4]", "00".repeat(bits));
        Checkpoint read =
                SafetensorsCodec.decode(
                        new ByteArrayInputStream(file), new Wanted(name -> false), LIMITS);
        assertThat(read.skipped()).containsExactly("a");
        assertThat(read.unreadable()).isEmpty();
        byte[] more = file("a", dtype, "[2,4]", "00".repeat(bits + 1));
        assertThatThrownBy(() -> all(more))
                .isInstanceOf(MalformedTensor.class)
                .hasMessage(
                        "tensor \"a\": shape [2, 4] of %s takes %d bits, but the offsets [0, %d) hold %3$d bytes",
                        dtype, 8 * bits, bits + 1);
    }

    @ParameterizedTest
    @CsvSource({
        "F8_E4M3, 1",
        "F4, 1",
        "F6_E2M3, 1",
        "C64, 8",
        "BOOL, 1",
        "F128, 16",
        "F8_E4M3FNUZ, 1",
    })
    void thatAreNoNumbersHereAreNamedAndPassedOver(String dtype, int bytes) throws IOException {
        String shape = dtype.equals("F4") ? "[2]" : dtype.startsWith("F6") ? "[4]" : "[1]";
        int length = dtype.startsWith("F6") ? 3 : bytes;
        Checkpoint read = all(file("a", dtype, shape, "00".repeat(length)));
        assertThat(read.state().values()).isEmpty();
        assertThat(read.skipped()).isEmpty();
        assertThat(read.unreadable()).containsOnlyKeys("a");
        assertThat(read.unreadable().get("a")).contains(dtype);
        assertThatThrownBy(() -> decode(file("input", dtype, shape, "00".repeat(length))))
                .isInstanceOf(MalformedTensor.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "I8; []; 07; 7",
                "I8; [1]; ff; -1",
                "U8; [1]; ff; 255",
                "I16; []; feff; -2",
                "U16; []; feff; 65534",
                "I32; [1,1]; 07000000; 7",
                "U32; []; ffffffff; 4294967295",
                "I64; []; feffffffffffffff; -2",
                "U64; []; 0700000000000000; 7",
            })
    void ofCheckpointsAreIntegersOfAnyWidth(
            String dtype, String shape, String hexadecimal, long value) throws IOException {
        assertThat(all(file("a", dtype, shape, hexadecimal)).state().integer("a")).isEqualTo(value);
    }

    @Test
    void ofCheckpointsBeyond63BitsAreFloats() throws IOException {
        Checkpoint read = all(file("a", "U64", "[]", "ff".repeat(8)));
        assertThat(read.state().requireTensor("a").at(0)).isEqualTo(0x1p64);
    }

    @Test
    void ofSeveralIntegersAreNamedAndPassedOver() throws IOException {
        assertThat(all(file("a", "I64", "[2]", "00".repeat(16))).unreadable().get("a"))
                .contains("I64")
                .contains("[2]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "F32; [4294967296,0]; 0; above the limit of 2147483639",
                "F32; [0,-1]; 0; shape must be integers from 0 on",
            })
    void areRefusedWhereNothingCanBeMadeOfThem(
            String dtype, String shape, int bytes, String reason) {
        assertThatThrownBy(() -> all(file("a", dtype, shape, "00".repeat(bytes))))
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining(reason);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "I64; [2]; 16; integers come one at a time, in shape [] or [1]",
                "BOOL; [2]; 2; booleans come one at a time",
                "U8; []; 1; dtype \"U8\"",
            })
    void areRefusedInRequestsWhereNoFieldCanHaveThem(
            String dtype, String shape, int bytes, String reason) {
        assertThatThrownBy(() -> decode(file("input", dtype, shape, "00".repeat(bytes))))
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining(reason);
    }

    @ParameterizedTest
    @CsvSource({"I64, '[]', 8", "BOOL, '[]', 1", "F32, '[2]', 8"})
    void areRefusedWhenTheFileEndsAmongThem(String dtype, String shape, int bytes) {
        byte[] file = file("a", dtype, shape, "00".repeat(bytes));
        byte[] cut = Arrays.copyOf(file, file.length - 1);
        assertThatThrownBy(() -> all(cut))
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining("the body ends in the middle of");
    }

    @Test
    void mayHaveAHeaderOfAMegabyte() throws IOException {
        byte[] file =
                ByteBuffer.allocate(8 + (1 << 20))
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(1 << 20)
                        .put(("{" + " ".repeat((1 << 20) - 2) + "}").getBytes(UTF_8))
                        .array();
        assertThat(all(file).state().values()).isEmpty();
        assertThat(all(new byte[] {2, 0, 0, 0, 0, 0, 0, 0, '{', '}'}).skipped()).isEmpty();
    }

    @Test
    void mayTakeAsMuchTogetherAsOneTensor() throws IOException {
        byte[] file = file("a", "F64", "[1000]", "00".repeat(8000));
        assertThat(all(file).state().requireTensor("a").shape()).isEqualTo(Shape.of(1000));
        assertThatThrownBy(() -> new Budget(LIMITS).take(8001)).isInstanceOf(BodyTooLarge.class);
    }

    /// Wide elements first, otherwise in the message's order; the header's length a multiple of
    /// eight.
    @ParameterizedTest
    @ValueSource(strings = {"", "a", "ab", "abcdefg"})
    void areWrittenAligned(String text) throws IOException {
        Message message =
                new Message()
                        .with("flag", true)
                        .with("text", text)
                        .with("h", Tensor.of(Shape.of(1), DataType.FP16, new float[] {1.5f}))
                        .with("f", Tensor.of(Shape.of(1, 1), 1.5f))
                        .with("vector", new double[] {1.5})
                        .with("b", Tensor.of(Shape.of(1), DataType.BF16, new float[] {1.5f}))
                        .with("integer", 258L)
                        .with("none", (String) null)
                        .with("number", 1.5);
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        CODEC.encode(message, body);
        byte[] bytes = body.toByteArray();
        assertThat(CODEC.length(message)).hasValue(bytes.length);
        int length = (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
        assertThat(length % 8).isZero();
        String json = new String(bytes, 8, length, UTF_8);
        assertThat(json.strip())
                .isEqualTo(
                        ("{'__metadata__':{'text':'"
                                        + text
                                        + "'},"
                                        + "'vector':{'dtype':'F64','shape':[1],'data_offsets':[0,8]},"
                                        + "'integer':{'dtype':'I64','shape':[],'data_offsets':[8,16]},"
                                        + "'number':{'dtype':'F64','shape':[],'data_offsets':[16,24]},"
                                        + "'f':{'dtype':'F32','shape':[1,1],'data_offsets':[24,28]},"
                                        + "'h':{'dtype':'F16','shape':[1],'data_offsets':[28,30]},"
                                        + "'b':{'dtype':'BF16','shape':[1],'data_offsets':[30,32]},"
                                        + "'flag':{'dtype':'BOOL','shape':[],'data_offsets':[32,33]}}")
                                .replace('\'', '"'));
        assertThat(json.length() - json.strip().length()).isLessThan(8);
        assertThat(HexFormat.of().formatHex(bytes, 8 + length, bytes.length))
                .isEqualTo(
                        "000000000000f83f"
                                + "0201000000000000"
                                + "000000000000f83f"
                                + "0000c03f"
                                + "003e"
                                + "c03f"
                                + "01");
    }

    @Test
    void areTensorsAndScalarsOnly() {
        Message nested = new Message().with("object", new Message());
        assertThatThrownBy(() -> CODEC.encode(nested, new ByteArrayOutputStream()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(
                        "a safetensors file cannot hold class batchnorm.codec.Message");
    }

    @Test
    void keepTheOrderOfTheFile() throws IOException {
        byte[] file =
                SafetensorsCodecTest.file(
                        "{'b': {'dtype': 'U8', 'shape': [1], 'data_offsets': [1, 2]},"
                                + "'empty': {'dtype': 'U8', 'shape': [0], 'data_offsets': [1, 1]},"
                                + "'a': {'dtype': 'I8', 'shape': [], 'data_offsets': [0, 1]}}",
                        (byte) 1,
                        (byte) 2);
        Checkpoint read =
                SafetensorsCodec.decode(
                        new ByteArrayInputStream(file), new Wanted("a"::equals), LIMITS);
        assertThat(read.state().integer("a")).isEqualTo(1);
        assertThat(read.skipped()).containsExactly("empty", "b");
    }
}
