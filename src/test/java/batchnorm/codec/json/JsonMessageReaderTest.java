package batchnorm.codec.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.codec.BodyTooLarge;
import batchnorm.codec.Codec;
import batchnorm.codec.InvalidField;
import batchnorm.codec.MalformedJson;
import batchnorm.codec.MalformedTensor;
import batchnorm.codec.Message;
import batchnorm.codec.Signature;
import batchnorm.codec.TensorForm;
import batchnorm.tensor.Tensor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Objects;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The kinds of fields not covered by [JsonCodecTest]; JSON with `'` for the quotes.
class JsonMessageReaderTest {
    private static final Codec.Limits LIMITS = new Codec.Limits(1000, 16);
    private static final Signature SIGNATURE =
            Signature.of(
                    Signature.tensor("input"),
                    Signature.mask("mask"),
                    Signature.counts("counts").orNull(),
                    Signature.texts("texts"),
                    Signature.number("number"));

    private static Message read(String json) throws IOException {
        return new JsonMessageReader(reader(json, LIMITS), LIMITS).read(SIGNATURE);
    }

    private static JsonReader reader(String json, Codec.Limits limits) {
        byte[] body = json.replace('\'', '"').getBytes(UTF_8);
        return new JsonReader(new ByteArrayInputStream(body), limits.depth());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[[true,false],[false,true]]",
                "[[1,0.0],[0,1e0]]",
                "[[true,0],[0,true]]",
                "{'shape':[2,2],'data':[true,false,false,true]}",
                "{'data':[true,false,0,1],'shape':[2,2],'datatype':'FP32'}",
                "{'datatype':'FP16','shape':[2,2],'data':[[true,false],[false,true]]}",
            })
    void readsMasksOfBooleansAndNumbers(String mask) throws IOException {
        Message message = read("{'mask':" + mask + ",'input':[1]}");
        assertThat(message.requireTensor("mask").shape()).hasToString("[2, 2]");
        assertThat(message.requireTensor("mask").toDoubles()).containsExactly(1, 0, 0, 1);
        assertThat(message.form()).as("which is that of the input").isEqualTo(TensorForm.BARE);
    }

    @Test
    void answersInTheFormOfTheFirstTensor() throws IOException {
        assertThat(read("{'mask':[true]}").form()).isEqualTo(TensorForm.FLAT);
        assertThat(read("{'input':{'shape':[0],'base64':''},'mask':[1]}").form())
                .isEqualTo(TensorForm.BASE64);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[nul]", "[tru]", "[falsey]"})
    void readsNoOtherWordsForBooleans(String mask) {
        assertThatThrownBy(() -> read("{'mask':" + mask + "}")).isInstanceOf(MalformedJson.class);
    }

    @Test
    void readsBooleansInMasksOnly() {
        assertThatThrownBy(() -> read("{'input':[[1],[true]]}"))
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining("input[1][0] is true where a number is expected");
        assertThatThrownBy(() -> read("{'mask':[[true],true]}"))
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining("mask[1] is true where an array is expected");
    }

    @Test
    void readsOneCountOrMany() throws IOException {
        assertThat(read("{'counts':7}").vector("counts")).containsExactly(7);
        assertThat(read("{'counts':[0,2147483647,3.0]}").vector("counts"))
                .containsExactly(0, 2147483647, 3);
        assertThat(read("{'counts':[]}").vector("counts")).isEmpty();
        assertThat(read("{'counts':null}").has("counts")).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "-1 | must be a whole number from 0 on",
                "[1,-1] | must be a whole number from 0 on",
                "[1.5] | must be a whole number from 0 on",
                "[2147483648] | must be a whole number from 0 on",
                "['NaN'] | must be a whole number from 0 on",
                "1.5 | must be an integer, but was written with a fraction",
                "'7' | must be an integer, but was a string",
                "true | must be an integer, but was true"
            })
    void refusesWhatIsNoCount(String counts, String reason) {
        assertThatThrownBy(() -> read("{'counts':" + counts + "}"))
                .isInstanceOfSatisfying(
                        InvalidField.class,
                        refused -> assertThat(refused.field()).isEqualTo("counts"))
                .hasMessageContaining(reason);
    }

    @Test
    void readsListsOfTexts() throws IOException {
        assertThat(read("{'texts':['a','','é']}").values().get("texts"))
                .asInstanceOf(InstanceOfAssertFactories.LIST)
                .containsExactly("a", "", "é");
        String most = "'x',".repeat(999) + "'x'";
        assertThat(read("{'texts':[" + most + "]}").values().get("texts"))
                .asInstanceOf(InstanceOfAssertFactories.LIST)
                .hasSize(1000);
        assertThatThrownBy(() -> read("{'texts':[" + most + ",'x']}"))
                .isInstanceOf(BodyTooLarge.class)
                .hasMessage("texts has more than 1000 strings");
        assertThatThrownBy(() -> read("{'texts':['a',1]}"))
                .isInstanceOf(InvalidField.class)
                .hasMessage("\"texts[1]\" must be a string, but was a number");
        assertThatThrownBy(() -> read("{'texts':'a'}"))
                .isInstanceOf(InvalidField.class)
                .hasMessage("\"texts\" must be an array of strings, but was a string");
    }

    @Test
    void closesWhatItOpens() throws IOException {
        String lists = "'texts':[],'counts':[],'input':{'data':[[],[]],'shape':[2,0]},";
        for (String end :
                new String[] {
                    "'mask':[]}", "'mask':[[]]}", "'mask':{'data':[[1]],'shape':[1,1]}}"
                }) {
            Codec.Limits flat = new Codec.Limits(1000, 4);
            JsonReader json = reader("{" + lists + end, flat);
            assertThat(new JsonMessageReader(json, flat).read(SIGNATURE).values()).hasSize(4);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"NaN", "Infinity", "-Infinity"})
    void readsNumbersThatAreNone(String number) throws IOException {
        assertThat(read("{'number':'" + number + "'}").number("number"))
                .isEqualTo(Double.valueOf(number));
    }

    /// Kept as doubles until the datatype is known, with the neighbours of midpoints.
    @Test
    void roundsManyHardNumbersOnce() throws IOException {
        StringBuilder data = new StringBuilder();
        float[] expected = new float[40];
        for (int i = 0; i < expected.length; i++) {
            String literal =
                    (16_777_217 + 2 * i) + (i % 3 == 0 ? ".0" : i % 3 == 1 ? ".0000000001" : "");
            data.append(i == 0 ? "" : ",").append(literal);
            expected[i] = Float.parseFloat(literal);
        }
        Tensor tensor =
                read("{'input':{'data':[" + data + "],'shape':[40],'datatype':'FP32'}}")
                        .requireTensor("input");
        assertThat(((Tensor.Floats) tensor).values()).containsExactly(expected);
    }

    @Test
    void takesAsManyElementsAsItMay() throws IOException {
        String most = "1,".repeat(999) + "2";
        for (String tensor : new String[] {"[%s]", "[[%s]]", "{'shape':[1000],'data':[%s]}"}) {
            assertThat(
                            read("{'input':" + tensor.formatted(most) + "}")
                                    .requireTensor("input")
                                    .at(999))
                    .isEqualTo(2);
        }
        assertThatThrownBy(() -> read("{'input':[" + most + ",3]}"))
                .isInstanceOf(BodyTooLarge.class)
                .hasMessage("a tensor has more than 1000 elements");
        assertThatThrownBy(() -> read("{'input':{'datatype':'FP32','data':[" + most + ",3]}}"))
                .isInstanceOf(BodyTooLarge.class);
        assertThatThrownBy(() -> read("{'input':[" + "[],".repeat(1000) + "[]]}"))
                .isInstanceOf(BodyTooLarge.class)
                .hasMessageContaining("at most 1000 elements");
    }

    @Test
    void readsAShapeOfAsManyDimensionsAsThereMayBe() throws IOException {
        String ones = "1,".repeat(31) + "1";
        Tensor tensor =
                read("{'input':{'shape':[" + ones + "],'data':[7]}}").requireTensor("input");
        assertThat(tensor.shape().rank()).isEqualTo(32);
        assertThat(
                        Objects.requireNonNull(
                                        read("{'input':{'shape':[0,999],'data':[]}}")
                                                .tensor("input"))
                                .shape())
                .hasToString("[0, 999]");
        assertThat(read("{'input':{'shape':[],'data':[7]}}").requireTensor("input").at(0))
                .isEqualTo(7);
        assertThatThrownBy(() -> read("{'input':{'shape':[2147483639]}}"))
                .isInstanceOf(BodyTooLarge.class);
        assertThatThrownBy(() -> read("{'input':{'shape':[2147483640]}}"))
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining("from 0 to 2147483639, but was 2147483640");
    }
}
