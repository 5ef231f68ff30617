package batchnorm.codec.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.codec.BodyTooLarge;
import batchnorm.codec.Checkpoint;
import batchnorm.codec.Codec;
import batchnorm.codec.Fields;
import batchnorm.codec.InvalidField;
import batchnorm.codec.MalformedTensor;
import batchnorm.codec.Message;
import batchnorm.codec.Trickle;
import batchnorm.codec.Wanted;
import batchnorm.codec.binary.BinaryBody;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsCodecTest {
    private static final Codec.Limits LIMITS = new Codec.Limits(1000, 16);
    private static final SafetensorsCodec CODEC = new SafetensorsCodec();

    /// The output of PyTorch: `examples/pytorch_checkpoint.py --write`.
    static byte[] pytorch() throws IOException {
        try (InputStream file =
                SafetensorsCodecTest.class.getResourceAsStream(
                        "/checkpoints/pytorch.safetensors")) {
            return Objects.requireNonNull(file).readAllBytes();
        }
    }

    static byte[] file(String header, byte... data) {
        byte[] json = header.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + json.length + data.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(json.length)
                .put(json)
                .put(data)
                .array();
    }

    private static Checkpoint all(byte[] body) throws IOException {
        return SafetensorsCodec.decode(new ByteArrayInputStream(body), Wanted.ALL, LIMITS);
    }

    @Test
    void readsWhatPyTorchWrites() throws IOException {
        byte[] bytes = pytorch();
        for (int step = 1; step < 4000; step = step * 3 / 2 + 1) {
            Wanted wanted = new Wanted(name -> name.startsWith("1."));
            Checkpoint read = SafetensorsCodec.decode(new Trickle(bytes, step), wanted, LIMITS);
            assertThat(read.state().integer("1.num_batches_tracked")).isEqualTo(7);
            Tensor mean = read.state().requireTensor("1.running_mean");
            assertThat(mean.shape()).isEqualTo(Shape.of(4));
            assertThat(mean.dataType()).isEqualTo(DataType.FP32);
            assertThat(read.state().values()).hasSize(5);
            assertThat(read.skipped()).hasSize(15).contains("0.weight", "8.num_batches_tracked");
        }
    }

    @Test
    void writesTheBytesThatPyTorchWrote() throws IOException {
        Message state = all(pytorch()).state().with("format", "pt");
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        CODEC.encode(state, written);
        assertThat(written.toByteArray()).isEqualTo(pytorch());
        assertThat(CODEC.length(state)).hasValue(pytorch().length);
    }

    @Test
    void writesWhatItReads() throws IOException {
        Message message =
                new Message()
                        .with("input", Tensor.of(Shape.of(3, 1), 1.5f, Float.NaN, 0f))
                        .with("grad_output", Tensor.of(Shape.of(0, 3), new double[0]))
                        .with("vector", new double[] {1, Double.NEGATIVE_INFINITY})
                        .with("number", 0.1)
                        .with("optional", (Double) null)
                        .with("integer", Long.MIN_VALUE)
                        .with("flag", false)
                        .with("text", "é\"😀");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CODEC.encode(message, bytes);
        assertThat(CODEC.length(message)).hasValue(bytes.size());
        Message read =
                CODEC.decode(new ByteArrayInputStream(bytes.toByteArray()), Fields.ALL, LIMITS);
        assertThat(read.requireTensor("input").at(1)).isNaN();
        assertThat(read.requireTensor("grad_output").shape()).isEqualTo(Shape.of(0, 3));
        assertThat(read.vector("vector")).containsExactly(1, Double.NEGATIVE_INFINITY);
        assertThat(read.number("number")).isEqualTo(0.1);
        assertThat(read.integer("integer")).isEqualTo(Long.MIN_VALUE);
        assertThat(read.bool("flag")).isFalse();
        assertThat(read.text("text")).isEqualTo("é\"😀");
        assertThat(read.has("optional")).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"FP16, 0x3e00", "BF16, 0x3fc0"})
    void readsHalfWidths(DataType dataType, String bits) throws IOException {
        int half = Integer.decode(bits);
        String dtype = dataType == DataType.FP16 ? "F16" : "BF16";
        byte[] body =
                file(
                        "{'x': {'dtype': '" + dtype + "', 'shape': [1], 'data_offsets': [0, 2]}}",
                        (byte) half,
                        (byte) (half >> 8));
        assertThat(all(body).state().requireTensor("x").at(0)).isEqualTo(1.5);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    overlap        | {'a': {'dtype': 'U8', 'shape': [4], 'data_offsets': [0, 4]}, 'b': {'dtype': 'U8', 'shape': [4], 'data_offsets': [3, 7]}} | "b": it begins at offset 3
                    hole           | {'a': {'dtype': 'U8', 'shape': [4], 'data_offsets': [0, 4]}, 'b': {'dtype': 'U8', 'shape': [3], 'data_offsets': [5, 8]}} | a hole
                    hole in front  | {'a': {'dtype': 'U8', 'shape': [4], 'data_offsets': [4, 8]}} | end at 0
                    twice the same | {'a': {'dtype': 'U8', 'shape': [4], 'data_offsets': [0, 4]}, 'b': {'dtype': 'U8', 'shape': [4], 'data_offsets': [0, 4]}} | overlap
                    out of range   | {'a': {'dtype': 'F32', 'shape': [3], 'data_offsets': [0, 12]}} | body ends
                    trailing bytes | {'a': {'dtype': 'F32', 'shape': [1], 'data_offsets': [0, 4]}} | continues after
                    size           | {'a': {'dtype': 'F32', 'shape': [3], 'data_offsets': [0, 8]}} | takes 96 bits
                    backwards      | {'a': {'dtype': 'U8', 'shape': [0], 'data_offsets': [8, 0]}} | not in order
                    negative       | {'a': {'dtype': 'U8', 'shape': [8], 'data_offsets': [-8, 0]}} | from 0 on
                    overflow       | {'a': {'dtype': 'F64', 'shape': [4294967296, 4294967296], 'data_offsets': [0, 8]}} | 2^63
                    huge zero      | {'a': {'dtype': 'F64', 'shape': [9223372036854775807, 0], 'data_offsets': [0, 0]}} | 2^63
                    half a byte    | {'a': {'dtype': 'F4', 'shape': [3], 'data_offsets': [0, 1]}} | takes 12 bits
                    duplicate      | {'a': {'dtype': 'U8', 'shape': [8], 'data_offsets': [0, 8]}, 'a': {'dtype': 'U8', 'shape': [8], 'data_offsets': [0, 8]}} | "a" is given twice
                    same by escape | {'a': {'dtype': 'U8', 'shape': [8], 'data_offsets': [0, 8]}, '\\u0061': {'dtype': 'U8', 'shape': [8], 'data_offsets': [0, 8]}} | "a" is given twice
                    two dtypes     | {'a': {'dtype': 'U8', 'dtype': 'I8', 'shape': [8], 'data_offsets': [0, 8]}} | given twice
                    no dtype       | {'a': {'shape': [8], 'data_offsets': [0, 8]}} | expected a dtype
                    no shape       | {'a': {'dtype': 'U8', 'data_offsets': [0, 8]}} | expected a dtype, a shape
                    no offsets     | {'a': {'dtype': 'U8', 'shape': [8]}} | two data_offsets
                    one offset     | {'a': {'dtype': 'U8', 'shape': [8], 'data_offsets': [8]}} | two data_offsets
                    three offsets  | {'a': {'dtype': 'U8', 'shape': [8], 'data_offsets': [0, 8, 8]}} | more than 2
                    fraction       | {'a': {'dtype': 'U8', 'shape': [8.5], 'data_offsets': [0, 8]}} | from 0 on
                    text           | {'a': {'dtype': 'U8', 'shape': ['8'], 'data_offsets': [0, 8]}} | from 0 on
                    beyond 64 bits | {'a': {'dtype': 'U8', 'shape': [8], 'data_offsets': [0, 18446744073709551624]}} | from 0 on
                    no object      | ['a'] | must be an object
                    null           | {'a': null} | must be an object
                    two values     | {'a': {'dtype': 'U8', 'shape': [8], 'data_offsets': [0, 8]}} {} | after the object
                    cut JSON       | {'a': {'dtype': 'U8', 'shape': [8], 'data_offsets': [0, 8]} | byte
                    metadata       | {'__metadata__': {'a': 1}} | __metadata__
                    """)
    void refusesAHeaderThatLies(String what, String header, String expected) {
        byte[] body = file(header, new byte[8]);
        assertThatThrownBy(() -> all(body))
                .as(what)
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining(expected);
        Wanted nothing = new Wanted(name -> false);
        assertThatThrownBy(() ->
                        SafetensorsCodec.decode(new ByteArrayInputStream(body), nothing, LIMITS))
                .as(what + ", of a tensor that is not selected")
                .isInstanceOf(MalformedTensor.class);
    }

    @ParameterizedTest
    @CsvSource({
        "0",
        "1",
        "1048577",
        "100000000",
        "9223372036854775807",
        "-1",
        "-9223372036854775808"
    })
    void refusesTheLengthOfAHeaderBeforeItReadsOne(long length) {
        byte[] first =
                ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(length).array();
        InputStream body = new SequenceInputStream(new ByteArrayInputStream(first), new Endless());
        assertThatThrownBy(() -> SafetensorsCodec.decode(body, Wanted.ALL, LIMITS))
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining(Long.toUnsignedString(length))
                .hasMessageContaining("1048576");
    }

    /// An endless stream of blanks.
    private static final class Endless extends InputStream {
        @Override
        public int read() {
            return ' ';
        }
    }

    @Test
    void refusesABodyCutOffAnywhere() throws IOException {
        byte[] bytes = pytorch();
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> all(cut))
                    .as("cut at %d", length)
                    .isInstanceOf(MalformedTensor.class);
        }
    }

    @Test
    void readsPastWhatNobodyWants() throws IOException {
        int large = 1 << 26;
        byte[] header =
                file(
                        "{'a': {'dtype': 'F32', 'shape': [%d], 'data_offsets': [0, %d]}}"
                                .formatted(large / 4, large));
        InputStream body =
                new SequenceInputStream(
                        new ByteArrayInputStream(header),
                        new BinaryBody(new Endless(), "blanks", large).section(large, "blanks"));
        Checkpoint read = SafetensorsCodec.decode(body, new Wanted(name -> false), LIMITS);
        assertThat(read.skipped()).containsExactly("a");
        assertThat(read.state().values()).isEmpty();
    }

    @Test
    void takesNoMemoryForMoreThanTheLimits() {
        byte[] one = file("{'a': {'dtype': 'F32', 'shape': [1001], 'data_offsets': [0, 4004]}}");
        assertThatThrownBy(() -> all(one))
                .isInstanceOf(BodyTooLarge.class)
                .hasMessageContaining("1001");
        String many =
                "{'a': {'dtype': 'F64', 'shape': [900], 'data_offsets': [0, 7200]},"
                        + " 'b': {'dtype': 'F64', 'shape': [900], 'data_offsets': [7200, 14400]}}";
        assertThatThrownBy(() -> all(file(many, new byte[14400])))
                .isInstanceOf(BodyTooLarge.class)
                .hasMessageContaining("8000 bytes together");
    }

    @ParameterizedTest
    @CsvSource({"U8, [8]", "I64, '[1,1,0]'", "C64, [1]"})
    void namesASelectedTensorOfAnUnsupportedType(String dtype, String shape) throws IOException {
        String bytes = shape.contains("0") ? "0" : "8";
        byte[] body =
                file(
                        "{'a': {'dtype': '%s', 'shape': %s, 'data_offsets': [0, %s]}}"
                                .formatted(dtype, shape, bytes),
                        new byte[Integer.parseInt(bytes)]);
        Checkpoint read = all(body);
        assertThat(read.state().values()).isEmpty();
        assertThat(read.unreadable()).containsOnlyKeys("a");
        assertThat(read.unreadable().get("a")).contains(dtype);
    }

    @Test
    void refusesFieldsOfAnotherKind() {
        byte[] body =
                file(
                        "{'flag': {'dtype': 'F64', 'shape': [], 'data_offsets': [0, 8]}}",
                        new byte[8]);
        assertThatThrownBy(() -> CODEC.decode(new ByteArrayInputStream(body), Fields.ALL, LIMITS))
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining("a BOOL");
        byte[] unknown = file("{'inputs': {'dtype': 'F64', 'shape': [], 'data_offsets': [0, 8]}}");
        assertThatThrownBy(
                        () -> CODEC.decode(new ByteArrayInputStream(unknown), Fields.ALL, LIMITS))
                .isInstanceOf(InvalidField.class)
                .hasMessageContaining("did you mean");
    }
}
