package batchnorm.openinference;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.codec.Codec;
import batchnorm.codec.InvalidField;
import batchnorm.codec.MalformedJson;
import batchnorm.codec.MalformedTensor;
import batchnorm.codec.Message;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Reads JSON with `'` for the quotes, followed by the bytes of binary inputs.
class InferenceReaderTest {
    private static final Codec.Limits LIMITS = new Codec.Limits(1000, 8);
    private static final String INPUT =
            "{'name':'x','shape':[2],'datatype':'FP32','data':[1.5,-2]}";
    private static final String BINARY =
            "{'name':'x','shape':[2],'datatype':'FP32','parameters':{'binary_data_size':8}}";
    private static final byte[] TWO_FLOATS =
            ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putFloat(1.5f)
                    .putFloat(-2)
                    .array();

    private static final InferenceTerms TERMS =
            new InferenceTerms(Set.of("known", "other"), Set.of("x", "m"), Set.of("m"));

    private static InferenceRequest read(String json) throws IOException {
        byte[] bytes = json.replace('\'', '"').getBytes(UTF_8);
        return InferenceReader.read(new ByteArrayInputStream(bytes), -1, -1, LIMITS, TERMS);
    }

    private static InferenceRequest read(String json, byte[] binary) throws IOException {
        int header = json.length();
        return InferenceReader.read(
                body(json, binary), header, (long) header + binary.length, LIMITS, TERMS);
    }

    private static InputStream body(String json, byte[] binary) {
        byte[] header = json.replace('\'', '"').getBytes(UTF_8);
        return new ByteArrayInputStream(
                ByteBuffer.allocate(header.length + binary.length).put(header).put(binary).array());
    }

    private static String inputs(String... inputs) {
        return "{'inputs':[" + String.join(",", inputs) + "]}";
    }

    private static Tensor input(InferenceRequest request, String name) {
        return Objects.requireNonNull(request.inputs().get(name));
    }

    @Test
    void readsAWholeRequest() throws IOException {
        InferenceRequest request =
                read(
                        "{'id':'42','parameters':{'a':'text','b':7,'c':true,'d':0.5,'e':false},"
                                + "'inputs':["
                                + INPUT
                                + "],'outputs':[{'name':'y','parameters':{'binary_data':true}},"
                                + "{'name':'z'}]} ");
        assertThat(request.id()).isEqualTo("42");
        assertThat(request.parameters().values())
                .containsEntry("a", "text")
                .containsEntry("b", 7L)
                .containsEntry("c", true)
                .containsEntry("d", 0.5)
                .containsEntry("e", false);
        assertThat(request.inputs()).containsOnlyKeys("x");
        assertThat(input(request, "x").shape()).isEqualTo(Shape.of(2));
        assertThat(input(request, "x").dataType()).isEqualTo(DataType.FP32);
        assertThat(input(request, "x").at(1)).isEqualTo(-2);
        assertThat(request.outputs())
                .extracting(InferenceRequest.Output::name)
                .containsExactly("y", "z");
        assertThat(request.outputs().getFirst().parameters().bool("binary_data")).isTrue();
        assertThat(request.outputs().getLast().parameters().values()).isEmpty();
    }

    @Test
    void readsARequestOfAnInputAlone() throws IOException {
        InferenceRequest request = read(inputs(INPUT));
        assertThat(request.id()).isNull();
        assertThat(request.parameters().values()).isEmpty();
        assertThat(request.outputs()).isEmpty();
    }

    @Test
    void skipsWhatItDoesNotKnow() throws IOException {
        InferenceRequest request =
                read(
                        "{'id':null,'model':{'a':[1,{'b':[]},'}',NaN,-Infinity,null,true],'c':{}},"
                                + "'model':1,'outputs':null,'inputs':[{'extra':Infinity,"
                                + INPUT.substring(1)
                                + "],'parameters':{'list':[1],'none':null,'nan':NaN,'odd':-1e3}}");
        assertThat(request.id()).isNull();
        assertThat(input(request, "x").at(0)).isEqualTo(1.5);
        assertThat(request.parameters().values()).containsOnlyKeys("odd").containsValue(-1000L);
    }

    @Test
    void readsNumbersWithoutQuotesThatAreNone() throws IOException {
        InferenceRequest request =
                read(
                        inputs(
                                "{'name':'x','shape':[3],'datatype':'FP64',"
                                        + "'data':[NaN,Infinity,-Infinity]}"));
        assertThat(input(request, "x").at(0)).isNaN();
        assertThat(input(request, "x").at(1)).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(input(request, "x").at(2)).isEqualTo(Double.NEGATIVE_INFINITY);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void readsTheBytesBehindTheJson(boolean lengthKnown) throws IOException {
        String other =
                "{'name':'w','shape':[1],'datatype':'FP64','parameters':{'binary_data_size':8}}";
        String json = inputs(BINARY, INPUT.replace("'x'", "'v'"), other);
        byte[] binary =
                ByteBuffer.allocate(16)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .put(TWO_FLOATS)
                        .putDouble(0.1)
                        .array();
        InferenceRequest request =
                InferenceReader.read(
                        body(json, binary),
                        json.length(),
                        lengthKnown ? json.length() + 16 : -1,
                        LIMITS,
                        TERMS);
        assertThat(input(request, "x").at(0)).isEqualTo(1.5);
        assertThat(input(request, "x").at(1)).isEqualTo(-2);
        assertThat(input(request, "v").at(1)).isEqualTo(-2);
        assertThat(input(request, "w").at(0)).isEqualTo(0.1);
    }

    @Test
    void takesAHeaderLengthWhereAllIsJson() throws IOException {
        assertThat(read(inputs(INPUT), new byte[0]).inputs()).containsOnlyKeys("x");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "3 | behind the JSON come 5 bytes, but the inputs take 8",
                "-1 | behind the JSON come 9 bytes, but the inputs take 8"
            })
    void refusesBytesThatAreNotThoseOfTheInputs(int missing, String message) {
        String json = inputs(BINARY);
        byte[] binary = new byte[8 - missing];
        assertThatThrownBy(() -> read(json, binary))
                .isInstanceOfSatisfying(
                        MalformedTensor.class,
                        refused -> assertThat(refused.field()).isEqualTo("inputs"))
                .hasMessage(message);
        assertThatThrownBy(() ->
                        InferenceReader.read(body(json, binary), json.length(), -1, LIMITS, TERMS))
                .as("the same of a body of unknown length")
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining("the binary data, byte ");
    }

    @Test
    void refusesALengthOfTheJsonThatIsNotIts() {
        String json = inputs(INPUT);
        assertThatThrownBy(() ->
                        InferenceReader.read(
                                body(json, new byte[0]),
                                json.length() + 1,
                                json.length(),
                                LIMITS,
                                TERMS))
                .isInstanceOf(InvalidField.class)
                .hasMessage(
                        "Inference-Header-Content-Length is %d, but the body has only %d bytes",
                        json.length() + 1, json.length());
        assertThatThrownBy(() ->
                        InferenceReader.read(
                                body(json, new byte[0]), json.length() + 1, -1, LIMITS, TERMS))
                .isInstanceOfSatisfying(
                        MalformedJson.class,
                        refused -> assertThat(refused.offset()).isEqualTo(json.length()))
                .hasMessage(
                        "the JSON has %d bytes, but Inference-Header-Content-Length says %d",
                        json.length(), json.length() + 1);
        assertThatThrownBy(() -> read(json.substring(0, 20), new byte[10]))
                .isInstanceOf(MalformedJson.class);
        assertThatThrownBy(() -> read(json + "x", new byte[0]))
                .isInstanceOf(MalformedJson.class)
                .hasMessageContaining("expected the end of the JSON after the object");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{} | \"inputs\" is required, and holds one input or more",
                "{'inputs':[]} | \"inputs\" is required, and holds one input or more",
                "{'inputs':7} | \"inputs\" must be an array, but was a number",
                "{'inputs':[7]} | \"inputs[0]\" must be an object, but was a number",
                "{'id':7} | \"id\" must be a string, but was a number",
                "{'id':'a','id':'b'} | \"id\" is given twice",
                "{'parameters':[]} | \"parameters\" must be an object, but was an array",
                "{'parameters':{'a':1,'a':2}} | \"parameters.a\" is given twice",
                "{'inputs':[{'shape':[1],'datatype':'FP32','data':[1]}]} | inputs[0] needs a \"name\"",
                "{'inputs':[{'name':'x','name':'y'}]} | \"inputs[0].name\" is given twice",
                "{'outputs':[{}]} | outputs[0] needs a \"name\"",
                "[] | \"the body\" must be an object, but was an array"
            })
    void refusesFieldsThatMakeNoRequest(String json, String message) {
        assertThatThrownBy(() -> read(json)).isInstanceOf(InvalidField.class).hasMessage(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'binary_data_size':7} | takes a binary_data_size of 8, not 7",
                "{'binary_data_size':'8'} | takes a binary_data_size of 8, not the string \"8\"",
                "{} | has neither \"data\" nor the parameter binary_data_size",
                "{'binary_data_size':8} | needs the header Inference-Header-Content-Length"
            })
    void refusesInputsWithoutData(String parameters, String message) {
        String input = "{'name':'x','shape':[2],'datatype':'FP32','parameters':" + parameters + "}";
        assertThatThrownBy(() -> read(inputs(input)))
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining("inputs[0]")
                .hasMessageContaining(message);
    }

    @Test
    void refusesAnInputThatComesTwice() {
        assertThatThrownBy(() -> read(inputs(INPUT, INPUT)))
                .isInstanceOf(InvalidField.class)
                .hasMessage("the input \"x\" is given twice");
        assertThatThrownBy(() -> read(inputs(BINARY, BINARY), new byte[16]))
                .isInstanceOf(InvalidField.class);
        String both = INPUT.replace("'data'", "'parameters':{'binary_data_size':8},'data'");
        assertThatThrownBy(() -> read(inputs(both), new byte[8]))
                .isInstanceOf(MalformedTensor.class)
                .hasMessage("inputs[0] has both \"data\" and binary_data_size");
    }

    @Test
    void takesSixteenInputsAndNoMore() throws IOException {
        assertThat(read(inputs(many(16))).inputs()).hasSize(16);
        assertThatThrownBy(() -> read(inputs(many(17))))
                .isInstanceOf(InvalidField.class)
                .hasMessage("inputs has more than 16 elements");
    }

    private static String[] many(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> INPUT.replace("'x'", "'x" + i + "'"))
                .toArray(String[]::new);
    }

    @Test
    void takesManyParametersAndNoMore() throws IOException {
        String rest = ",'inputs':[" + INPUT + "]}";
        String most = "{'parameters':" + parameters(256) + rest;
        assertThat(read(most).parameters().values()).hasSize(256);
        assertThatThrownBy(() -> read("{'parameters':" + parameters(257) + rest))
                .isInstanceOf(InvalidField.class)
                .hasMessage("parameters has more than 256 entries");
    }

    private static String parameters(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "'p" + i + "':" + i)
                .collect(Collectors.joining(",", "{", "}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "{'id'",
                "{'id':",
                "{'id':'a'",
                "{'id':'a',}",
                "{id:'a'}",
                "{'id' 'a'}",
                "{'a':}",
                "{'a':nul}",
                "{'a':[1 2]}",
                "{'a':01}",
                "{'inputs':[{'name':'x'"
            })
    void refusesWhatIsNoJson(String json) {
        assertThatThrownBy(() -> read(json)).isInstanceOf(MalformedJson.class);
    }

    @Test
    void refusesToNestWithoutEnd() {
        String deep = "{'a':" + "[".repeat(20) + "]".repeat(20) + "}";
        assertThatThrownBy(() -> read(deep)).isInstanceOf(MalformedJson.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'parameters':{'binary_data_size':0}",
                "'data':null,'parameters':{'binary_data_size':0}",
                "'data':[],'parameters':{'binary_data_size':0}",
                "'data':[]",
                "'data':null"
            })
    void readsAnEmptyTensorInEveryForm(String data) throws IOException {
        for (String datatype : new String[] {"FP64", "FP16"}) {
            String json =
                    inputs("{'name':'x','shape':[0,2],'datatype':'" + datatype + "'," + data + "}");
            for (InferenceRequest request :
                    new InferenceRequest[] {read(json), read(json, new byte[0])}) {
                assertThat(input(request, "x").shape()).isEqualTo(Shape.of(0, 2));
                assertThat(input(request, "x").dataType()).isEqualTo(DataType.valueOf(datatype));
            }
        }
    }

    @Test
    void readsTruthValuesOfAMask() throws IOException {
        String json = inputs("{'name':'m','shape':[3],'datatype':'BOOL','data':[true,false,1]}");
        assertThat(input(read(json), "m").toDoubles()).containsExactly(1, 0, 1);
        String bytes =
                inputs(
                        "{'name':'m','shape':[3],'datatype':'BOOL','parameters':{'binary_data_size':3}}",
                        BINARY);
        byte[] binary = ByteBuffer.allocate(11).put(new byte[] {0, 1, 2}).put(TWO_FLOATS).array();
        InferenceRequest request = read(bytes, binary);
        assertThat(input(request, "m").toDoubles()).containsExactly(0, 1, 2);
        assertThat(input(request, "x").at(0)).isEqualTo(1.5);
    }

    @Test
    void readsABinaryMaskOfUnknownLengthAsItComes() {
        String json =
                inputs(
                        "{'name':'m','shape':[1000],'datatype':'BOOL','parameters':{'binary_data_size':1000}}");
        assertThatThrownBy(() ->
                        InferenceReader.read(
                                body(json, new byte[999]), json.length(), -1, LIMITS, TERMS))
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining("at element 999");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'name':'x','shape':[1],'datatype':'BOOL','data':[true]} | inputs[0].datatype must be one of [FP64, FP32, FP16, BF16], but was \"BOOL\"",
                "{'name':'m','shape':[1],'datatype':'INT8','data':[1]} | inputs[0].datatype must be one of [FP64, FP32, FP16, BF16], a mask's also BOOL, but was \"INT8\"",
                "{'name':'x','shape':[1],'datatype':'FP32','data':[true]} | inputs[0].data[0] is true where a number is expected",
                "{'name':'m','shape':[2],'datatype':'BOOL','parameters':{'binary_data_size':8}} | inputs[0]: shape [2] of BOOL takes a binary_data_size of 2, not 8",
                "{'name':'x','shape':[2],'datatype':'FP32','parameters':{'binary_data_size':[8]}} | inputs[0]: shape [2] of FP32 takes a binary_data_size of 8, not an array or an object",
                "{'name':'x','shape':[1],'datatype':'FP32','data':[1],'parameters':{'shared_memory_region':'r'}} | inputs[0] names a shared_memory_region; shared memory is not offered, send \"data\" or binary data",
                "{'name':'x','shape':[1],'datatype':'FP32','data':[1],'parameters':{'known':1}} | \"known\" belongs to the \"parameters\" of the request, not of inputs[0]"
            })
    void refusesAnInputOfTheWrongForm(String input, String message) {
        assertThatThrownBy(() -> read(inputs(input))).hasMessage(message);
    }

    @Test
    void keepsThatAKnownParameterHadAValueOfNoUse() throws IOException {
        Message parameters =
                read("{'parameters':{'known':[1],'other':null,'mine':[1],'m':{}},'inputs':["
                                + INPUT
                                + "]}")
                        .parameters();
        assertThat(parameters.values()).containsOnlyKeys("known", "m");
        assertThat(parameters.values().get("known")).isInstanceOf(Message.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'known':false | \"known\" goes into \"parameters\", {\"parameters\": {\"known\": …}}",
                "'m':[1] | \"m\" is one of the \"inputs\", {\"name\": \"m\", …}"
            })
    void refusesATermInTheWrongPlace(String field, String message) {
        assertThatThrownBy(() -> read("{" + field + ",'inputs':[" + INPUT + "]}"))
                .isInstanceOf(InvalidField.class)
                .hasMessage(message);
    }

    @Test
    void readsTheNamesOfParametersAlone() throws IOException {
        assertThat(names("{'parameters':{'a':1,'b':[2]},'c':3}")).containsExactly("a", "b");
        assertThat(names("")).isEmpty();
        assertThat(names("{'parameters':null}")).isEmpty();
        assertThatThrownBy(() -> names("{} {}")).isInstanceOf(MalformedJson.class);
    }

    private static List<String> names(String json) throws IOException {
        List<String> names = new ArrayList<>();
        byte[] bytes = json.replace('\'', '"').getBytes(UTF_8);
        InferenceReader.readParameterNames(new ByteArrayInputStream(bytes), LIMITS, names::add);
        return names;
    }
}
