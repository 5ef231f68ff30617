package batchnorm.codec.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.codec.Message;
import batchnorm.codec.TensorForm;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonWriterTest {
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private final JsonWriter writer = new JsonWriter(body);

    private String written() throws IOException {
        writer.finish();
        return body.toString(UTF_8);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "a b~, a b~",
                "\", \\\"",
                "\\, \\\\",
                "\u0080, \u0080",
                "é中, é中",
                "😀x, 😀x",
                "\ud83d, \\ud83d",
                "\ud83dx, \\ud83dx",
                "\ude00, \\ude00",
                "x\ude00, x\\ude00",
                "\ude00\ud83d, \\ude00\\ud83d",
                "\ud83d\ud83d\ude00\ude00, \\ud83d😀\\ude00",
            },
            ignoreLeadingAndTrailingWhitespace = false)
    void escapesWhatMustBe(String text, String escaped) throws IOException {
        writer.string(text);
        assertThat(written()).isEqualTo('"' + escaped.substring(1) + '"');
    }

    @ParameterizedTest
    @CsvSource({"0, 0000", "10, 000a", "31, 001f", "127, 007f"})
    void escapesControlCharacters(int character, String digits) throws IOException {
        writer.string("a" + (char) character + "b");
        assertThat(written()).isEqualTo("\"a\\u" + digits + "b\"");
    }

    /// Writes pieces of various lengths around the sizes of the buffer.
    @ParameterizedTest
    @ValueSource(ints = {1, 7, 4095, 4096, 4097, 65_535, 65_536, 65_537, 100_000})
    void writesAllBytesInOrder(int size) throws IOException {
        StringBuilder expected = new StringBuilder();
        String piece = "0123456789".repeat(size / 10 + 1).substring(0, size);
        while (expected.length() < 150_000) {
            writer.mark('[');
            writer.raw(piece.getBytes(UTF_8));
            writer.plain("plain");
            writer.number(1.5);
            expected.append('[').append(piece).append("plain1.5");
        }
        assertThat(written()).isEqualTo(expected.toString());
    }

    @ParameterizedTest
    @ValueSource(ints = {4096, 65_536})
    void writesAMarkBehindAFullBuffer(int size) throws IOException {
        writer.raw("x".repeat(size).getBytes(UTF_8));
        writer.mark(']');
        assertThat(written()).isEqualTo("x".repeat(size) + "]");
    }

    @Test
    void keepsASmallBodyTogether() throws IOException {
        writer.raw(new byte[60_000]);
        writer.raw(new byte[5000]);
        assertThat(body.size()).isZero();
        writer.raw(new byte[5000]);
        assertThat(body.size()).isEqualTo(65_000);
        writer.finish();
        assertThat(body.size()).isEqualTo(70_000);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 99, 100, 1597, 1600, 5000})
    void separatesNumbersByCommas(int count) throws IOException {
        double[] doubles = new double[count];
        float[] floats = new float[count];
        StringBuilder expected = new StringBuilder("[");
        for (int i = 0; i < count; i++) {
            doubles[i] = i + 0.25;
            floats[i] = i + 0.25f;
            expected.append(i == 0 ? "" : ",").append(i + 0.25);
        }
        writer.mark('[');
        writer.numbers(doubles, 0, count);
        writer.mark('|');
        writer.numbers(floats, 0, count);
        writer.mark('|');
        writer.numbers(doubles, Math.min(1, count), count);
        String all = expected.substring(1);
        assertThat(written())
                .isEqualTo("[" + all + "|" + all + "|" + all.substring(Math.min(all.length(), 5)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "BARE; [[1.0,2.0],[3.0,4.0]]",
                "NESTED; {'shape':[2,2],'datatype':'FP16','data':[[1.0,2.0],[3.0,4.0]]}",
                "FLAT; {'shape':[2,2],'datatype':'FP16','data':[1.0,2.0,3.0,4.0]}",
                "ELEMENTS; [1.0,2.0,3.0,4.0]",
                "BASE64; {'shape':[2,2],'datatype':'FP16','base64':'ADwAQABCAEQ='}",
            })
    void writesTensorsInEveryForm(TensorForm form, String json) throws IOException {
        // 1.0001 is rounded to the nearest half.
        Tensor tensor = Tensor.of(Shape.of(2, 2), DataType.FP16, new float[] {1.0001f, 2, 3, 4});
        new JsonTensorWriter(writer, form).write(tensor);
        assertThat(written()).isEqualTo(json.replace('\'', '"'));
    }

    @Test
    void writesTensorsWithoutDimensionsOrElements() throws IOException {
        JsonTensorWriter nested = new JsonTensorWriter(writer, TensorForm.BARE);
        nested.write(Tensor.of(Shape.of(), 7.0));
        nested.write(Tensor.of(Shape.of(0), new double[0]));
        nested.write(Tensor.of(Shape.of(2, 0), new double[0]));
        nested.write(Tensor.of(Shape.of(0, 2), new double[0]));
        nested.write(Tensor.of(Shape.of(1, 3, 1), 1f, 2f, 3f));
        assertThat(written()).isEqualTo("[7.0][][[],[]][][[[1.0],[2.0],[3.0]]]");
    }

    @Test
    void writesListsOfMessages() throws IOException {
        JsonCodec codec = new JsonCodec();
        codec.encode(List.of(), body);
        codec.encode(List.of(new Message().with("a", 1L), new Message()), body);
        assertThat(body.toString(UTF_8)).isEqualTo("[][{\"a\":1},{}]");
        List<Object> wrong = List.of('c');
        Message message = new Message().with("list", wrong);
        assertThatThrownBy(() -> codec.encode(message, body))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Character");
    }
}
