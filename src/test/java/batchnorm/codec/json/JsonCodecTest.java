package batchnorm.codec.json;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.codec.Codec;
import batchnorm.codec.Fields;
import batchnorm.codec.Message;
import batchnorm.codec.TensorForm;
import batchnorm.codec.Trickle;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

public class JsonCodecTest {
    private static final Codec.Limits LIMITS = new Codec.Limits(1_000_000, 64);
    private static final JsonCodec CODEC = new JsonCodec();

    @Test
    void readsAFieldOfEveryKind() throws IOException {
        Message message =
                decode(
                        """
                        {"input": {"shape": [2, 1], "datatype": "FP32", "data": [1.5, -2]},
                         "vector": [1, "NaN", 3e0], "number": -0.5, "optional": null, "integer": -12,
                         "flag": true, "text": "a\\u00e9\\ud83d\\ude00\\n/é😀", "object": {"flag": false},
                         "list": [{}, {"flag": true}]}
                        """);
        assertThat(message.requireTensor("input").shape()).isEqualTo(Shape.of(2, 1));
        assertThat(floats(message)).containsExactly(1.5f, -2f);
        assertThat(message.vector("vector")).containsExactly(1, Double.NaN, 3);
        assertThat(message.number("number")).isEqualTo(-0.5);
        assertThat(message.has("optional")).isTrue();
        assertThat(message.number("optional")).isNull();
        assertThat(message.integer("integer")).isEqualTo(-12);
        assertThat(message.bool("flag")).isTrue();
        assertThat(message.text("text")).isEqualTo("aé😀\n/é😀");
        assertThat(Objects.requireNonNull(message.object("object")).bool("flag")).isFalse();
        assertThat(message.list("list")).hasSize(2);
        assertThat(message.list("list").get(1).bool("flag")).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '|',
            textBlock =
                    """
                    [[1,2],[3,4],[5,6]]                                  ; [3, 2] ; BARE
                    [1,2,3,4,5,6]                                        ; [6]    ; BARE
                    [[[1],[2],[3]],[[4],[5],[6]]]                        ; [2, 3, 1]; BARE
                    {'shape':[2,3],'data':[1,2,3,4,5,6]}                 ; [2, 3] ; FLAT
                    {'data':[1,2,3,4,5,6],'shape':[2,3]}                 ; [2, 3] ; FLAT
                    {'data':[[1,2,3],[4,5,6]],'shape':[2,3]}             ; [2, 3] ; NESTED
                    {'shape':[2,3],'data':[[1,2,3],[4,5,6]]}             ; [2, 3] ; NESTED
                    {'data':[[1,2,3],[4,5,6]]}                           ; [2, 3] ; NESTED
                    """)
    void readsEveryForm(String tensor, String shape, TensorForm form) throws IOException {
        Message message = decode("{'input':" + tensor + "}");
        assertThat(message.requireTensor("input").shape()).hasToString(shape);
        assertThat(doubles(message)).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(message.form()).isEqualTo(form);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '|',
            textBlock =
                    """
                    [[],[]]                            ; [2, 0]
                    []                                 ; [0]
                    [[[],[]]]                          ; [1, 2, 0]
                    {'shape':[0,3],'data':[]}          ; [0, 3]
                    {'data':[],'shape':[0,3]}          ; [0, 3]
                    {'shape':[2,0],'data':[]}          ; [2, 0]
                    {'shape':[2,0],'data':[[],[]]}     ; [2, 0]
                    {'shape':[2,0,3],'data':[[],[]]}   ; [2, 0, 3]
                    {'data':[[],[]],'shape':[2,0,3]}   ; [2, 0, 3]
                    {'shape':[0],'base64':||}          ; [0]
                    {'shape':[0,7],'base64':''}        ; [0, 7]
                    """)
    void readsEmptyTensors(String tensor, String shape) throws IOException {
        Tensor read = decode("{'input':" + tensor.replace("||", "''") + "}").requireTensor("input");
        assertThat(read.shape()).hasToString(shape);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "ELEMENTS") // no tensor by itself
    void writesWhatItReads(TensorForm form) throws IOException {
        Tensor tensor =
                Tensor.of(
                        Shape.of(2, 2, 1),
                        1.2247425750014138,
                        -0.0,
                        Double.NaN,
                        Double.NEGATIVE_INFINITY);
        String written = encode(new Message().in(form).with("input", tensor));
        Message read = decode(written);
        assertThat(read.form()).isEqualTo(form);
        assertThat(read.requireTensor("input").shape()).isEqualTo(tensor.shape());
        assertThat(doubles(read)).containsExactly(((Tensor.Doubles) tensor).values());
        assertThat(encode(read)).isEqualTo(written);
    }

    @Test
    void writesEveryKindOfValue() throws IOException {
        Message message =
                new Message()
                        .with("input", Tensor.of(Shape.of(1, 2), 1.5f, 4.5927675e-7f))
                        .with("vector", new double[] {3, Double.POSITIVE_INFINITY})
                        .with("optional", (Double) null)
                        .with("number", 0.1)
                        .with("integer", 7L)
                        .with("flag", true)
                        .with("text", "quote\" back\\ line\n é😀 \ud800")
                        .with("object", new Message())
                        .with("list", List.of(new Message().with("flag", false)));
        assertThat(encode(message))
                .isEqualTo(
                        """
                        {"input":{"shape":[1,2],"datatype":"FP32","data":[1.5,4.5927675e-7]},\
                        "vector":[3.0,"Infinity"],"optional":null,"number":0.1,"integer":7,"flag":true,\
                        "text":"quote\\" back\\\\ line\\u000a é😀 \\ud800","object":{},"list":[{"flag":false}]}\
                        """);
    }

    @ParameterizedTest
    @CsvSource({
        "FP32, 0.1, 0.1",
        // Both are just above halfway between two floats; their nearest double is exactly halfway.
        "FP32, 1.00000017881393432617187500000001, 1.0000002",
        "FP32, 1.00000017881393421514957253748434595763683319091796875001, 1.0000001",
        "FP32, 16777217, 16777216",
        "FP32, 16777217.0000000001, 16777218",
        "FP32, 7.006492321624085354618e-46, 0",
        "FP32, 7.006492321624085354619e-46, 1.4e-45",
        "FP32, -1e-60, -0.0",
        "FP16, 65519.999, 65504",
        "FP16, 2049, 2048",
        "FP16, 2049.0000000000000000001, 2050",
        "FP16, 1e-8, 0",
        "BF16, 257, 256",
        "BF16, 257.000000000000000000001, 258",
        "BF16, 0.1, 0.10009765625",
        "FP64, 16777217.0000000001, 16777217",
        // Exactly halfway between two doubles, of which the even one is above.
        "FP64, 9007199254740995, 9007199254740996",
        "FP64, 9007199254740995.0, 9007199254740996",
        "FP64, 9007199254740995.000, 9007199254740996",
        "FP64, 9007199254740995.0000, 9007199254740996",
    })
    void roundsOnceWhereverTheDatatypeStands(DataType dataType, String literal, double expected)
            throws IOException {
        for (String body :
                List.of(
                        "{'input':{'datatype':'%s','shape':[1],'data':[%s]}}",
                        "{'input':{'shape':[1],'data':[%2$s],'datatype':'%1$s'}}")) {
            Tensor read = decode(body.formatted(dataType, literal)).requireTensor("input");
            assertThat(read.dataType()).isEqualTo(dataType);
            assertThat(read.at(0))
                    .isEqualTo(dataType == DataType.FP64 ? expected : (float) expected);
        }
    }

    @Test
    void readsTextBeyondAscii() throws IOException {
        assertThat(decode("{'text':'é'}").text("text")).isEqualTo("é");
        assertThat(decode("{'text':'\\u20ac'}").text("text")).isEqualTo("€");
    }

    @Test
    void readsBase64WithEscapedSlashes() throws IOException {
        Message message =
                decode("{'input':{'base64':'\\/\\/9/fw==','datatype':'FP32','shape':[1]}}");
        assertThat(floats(message)).containsExactly(Float.intBitsToFloat(0x7F7FFFFF));
    }

    @ParameterizedTest
    @EnumSource
    void carriesEveryDatatypeInBase64(DataType dataType) throws IOException {
        int elements = 100_003;
        float[] values = new float[elements];
        double[] wide = new double[elements];
        for (int i = 0; i < elements; i++) {
            values[i] =
                    DataType.BF16.round(
                            i - 50_000); // exact in all datatypes but FP16, without overflow
            wide[i] = values[i];
        }
        Shape shape = Shape.of(elements);
        Tensor tensor =
                dataType == DataType.FP64
                        ? Tensor.of(shape, wide)
                        : Tensor.of(shape, dataType, values);
        Message read = decode(encode(new Message().in(TensorForm.BASE64).with("input", tensor)));
        for (int i = 0; i < elements; i += 7) {
            assertThat(read.requireTensor("input").at(i)).isEqualTo(tensor.at(i));
        }
    }

    @Test
    void readsTheSameHoweverTheBodyIsCut() throws IOException {
        StringBuilder body =
                new StringBuilder(
                        "{\"text\" : \"é\\u00e9😀\\ud83d\\ude00\", \"input\":{\"data\":[");
        for (int i = 0; i < 20_000; i++) {
            body.append(i == 0 ? "" : ", ").append(Math.sin(i) * Math.pow(10, i % 40 - 20));
        }
        for (int zeros = 20; zeros < 60; zeros++) {
            body.append(", 0.").append("0".repeat(zeros)).append("1234567890");
        }
        body.append(", 1").append("0".repeat(70_000)).append("e-70000");
        body.append("],\"shape\":[20041] } }");
        byte[] bytes = body.toString().getBytes(StandardCharsets.UTF_8);
        Message whole = CODEC.decode(new ByteArrayInputStream(bytes), Fields.ALL, LIMITS);
        assertThat(doubles(whole)[20_000]).isEqualTo(1.23456789e-21);
        assertThat(doubles(whole)[20_040]).isEqualTo(1);
        assertThat(doubles(whole)[7]).isEqualTo(Math.sin(7) * Math.pow(10, 7 - 20));
        for (int step : new int[] {1, 2, 3, 5, 7, 11, 31, 33, 1000, 4095, 4097, 65535}) {
            Message cut = CODEC.decode(new Trickle(bytes, step), Fields.ALL, LIMITS);
            assertThat(doubles(cut)).isEqualTo(doubles(whole));
            assertThat(cut.text("text")).isEqualTo("éé😀😀");
        }
    }

    public static Message decode(String body) throws IOException {
        byte[] bytes = body.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        return CODEC.decode(new ByteArrayInputStream(bytes), Fields.ALL, LIMITS);
    }

    public static String encode(Message message) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        CODEC.encode(message, body);
        return body.toString(StandardCharsets.UTF_8);
    }

    private static double[] doubles(Message message) {
        return ((Tensor.Doubles) message.requireTensor("input")).values();
    }

    private static float[] floats(Message message) {
        return ((Tensor.Floats) message.requireTensor("input")).values();
    }
}
