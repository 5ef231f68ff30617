package batchnorm.service.passes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Base64;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Tests that tensors are returned in the form and datatype of the request.
@ExtendWith(ServiceUnderTest.Shared.class)
class TensorFormsTest {
    private static final double Y = 2 / Math.sqrt(8 / 3.0 + 1e-5);
    private static final double[] OUTPUT = {-Y, -Y, 0, 0, Y, Y};
    private static final String NESTED = "[[1,2],[3,4],[5,6]]";

    private final Client client;

    TensorFormsTest(Client client) {
        this.client = client;
    }

    private JsonNode output(String input) throws IOException {
        return client.train(client.layer(""), input).field("output");
    }

    @Test
    void aFlatTensorIsAnsweredFlat() throws IOException {
        JsonNode output =
                output("{\"shape\": [3,2], \"datatype\": \"FP64\", \"data\": [1,2,3,4,5,6]}");
        assertThat(output.propertyNames()).containsExactlyInAnyOrder("shape", "datatype", "data");
        assertThat(output.get("shape").toString()).isEqualTo("[3,2]");
        assertThat(output.get("datatype").stringValue()).isEqualTo("FP64");
        assertThat(output.get("data").get(0).isNumber()).isTrue();
        assertThat(Answer.numbers(output)).containsExactly(OUTPUT, within(1e-15));
    }

    @Test
    void aNestedTensorIsAnsweredNested() throws IOException {
        JsonNode output =
                output("{\"shape\": [3,2], \"datatype\": \"FP64\", \"data\": " + NESTED + "}");
        assertThat(output.get("shape").toString()).isEqualTo("[3,2]");
        assertThat(output.get("data")).hasSize(3);
        assertThat(output.get("data").get(2)).hasSize(2);
        assertThat(Answer.numbers(output)).containsExactly(OUTPUT, within(1e-15));
    }

    @Test
    void bareArraysAreAnsweredBare() throws IOException {
        JsonNode output = output(NESTED);
        assertThat(output.isArray()).isTrue();
        assertThat(output).hasSize(3);
        assertThat(Answer.numbers(output)).containsExactly(OUTPUT, within(1e-15));
    }

    @Test
    void base64IsAnsweredInBase64() throws IOException {
        ByteBuffer input = ByteBuffer.allocate(6 * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        DoubleStream.of(1, 2, 3, 4, 5, 6).forEach(input::putDouble);
        JsonNode output =
                output(
                        "{\"shape\": [3,2], \"datatype\": \"FP64\", \"base64\": \"%s\"}"
                                .formatted(Base64.getEncoder().encodeToString(input.array())));
        assertThat(output.propertyNames()).containsExactlyInAnyOrder("shape", "datatype", "base64");
        ByteBuffer result = bytes(output);
        for (double expected : OUTPUT) {
            assertThat(result.getDouble()).isCloseTo(expected, within(1e-15));
        }
        assertThat(result.hasRemaining()).isFalse();
    }

    @Test
    void base64OfFloatsIsAnsweredInFloats() throws IOException {
        ByteBuffer input = ByteBuffer.allocate(6 * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        DoubleStream.of(1, 2, 3, 4, 5, 6).forEach(number -> input.putFloat((float) number));
        JsonNode output =
                output(
                        "{\"shape\": [3,2], \"datatype\": \"FP32\", \"base64\": \"%s\"}"
                                .formatted(Base64.getEncoder().encodeToString(input.array())));
        assertThat(output.get("datatype").stringValue()).isEqualTo("FP32");
        ByteBuffer result = bytes(output);
        for (double expected : OUTPUT) {
            assertThat(result.getFloat()).isCloseTo((float) expected, within(2e-7f));
        }
        assertThat(result.hasRemaining()).isFalse();
    }

    private static ByteBuffer bytes(JsonNode tensor) {
        byte[] bytes = Base64.getDecoder().decode(tensor.get("base64").stringValue());
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Test
    void theDatatypeIsFp64UnlessSaidOtherwise() throws IOException {
        JsonNode output = output("{\"shape\": [3,2], \"data\": [1,2,3,4,5,6]}");
        assertThat(output.get("datatype").stringValue()).isEqualTo("FP64");
    }

    @Test
    void floatsAreWrittenAsFloats() throws IOException {
        JsonNode output =
                output("{\"shape\": [3,2], \"datatype\": \"FP32\", \"data\": [1,2,3,4,5,6]}");
        assertThat(output.get("datatype").stringValue()).isEqualTo("FP32");
        // Shortest decimals of a float have at most nine digits.
        assertThat(output.get("data").get(5).toString()).hasSizeLessThanOrEqualTo(11);
        assertThat(Answer.numbers(output)).containsExactly(OUTPUT, within(2e-7));
    }

    @ParameterizedTest
    @ValueSource(strings = {"FP64", "FP32"})
    void aGradientComesBackAsItsGradOutput(String datatype) throws IOException {
        String layer = client.layer("");
        String tensor =
                "{\"shape\": [3,2], \"datatype\": \"%s\", \"data\": [1,2,3,4,5,6]}"
                        .formatted(datatype);
        JsonNode gradient =
                client.backward(layer, client.train(layer, tensor), tensor).field("grad_input");
        assertThat(gradient.get("datatype").stringValue()).isEqualTo(datatype);
        assertThat(gradient.get("data")).hasSize(6);
    }

    @Test
    void oneBatchInAnyFormIsTheSameBatch() throws IOException {
        double[] bare = Answer.numbers(output("[[0.1,7e-3],[1e2,-4.25],[3,0.30000000000000004]]"));
        double[] flat =
                Answer.numbers(
                        output(
                                "{\"data\": [0.1,0.007,100.0,-425e-2,3.0,0.30000000000000004],"
                                        + " \"shape\": [3,2]}"));
        assertThat(flat).containsExactly(bare);
    }

    @Test
    void nonFiniteNumbersAreStringsInAndOut() throws IOException {
        String layer = client.layer("\"features\": 2, \"epsilon\": 0");
        Answer answer = client.infer(layer, "[[\"NaN\",\"Infinity\"],[\"-Infinity\",1]]");
        assertThat(answer.field("output").toString())
                .isEqualTo("[[\"NaN\",\"Infinity\"],[\"-Infinity\",1.0]]");
    }

    @Test
    void aLayerMayPropagateNonFiniteNumbers() throws IOException {
        String layer = client.layer("\"non_finite\": \"propagate\"");
        Answer answer = client.train(layer, "[[\"NaN\",1],[3,3]]");
        assertThat(answer.numbers("output")[0]).isNaN();
        assertThat(answer.numbers("running_mean")[0]).isNaN();
        assertThat(answer.numbers("running_mean")[1]).isCloseTo(0.2, within(1e-15));
        assertThat(client.get(layer).field("running_mean").get(0).stringValue()).isEqualTo("NaN");
    }

    /// The same 2 channels of 3 values each, for any channel axis.
    @ParameterizedTest(name = "axis {0} of {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "1  | [3,2]       | 1,2,3,4,5,6",
                "-1 | [3,2]       | 1,2,3,4,5,6",
                "0  | [2,3]       | 1,3,5,2,4,6",
                "1  | [1,2,3]     | 1,3,5,2,4,6",
                "-1 | [1,3,2]     | 1,2,3,4,5,6",
                "-1 | [1,1,3,2]   | 1,2,3,4,5,6",
                "1  | [1,2,1,3,1] | 1,3,5,2,4,6",
                "2  | [1,1,2,1,3] | 1,3,5,2,4,6",
            })
    void anyRankHasItsChannelAxis(String axis, String shape, String data) throws IOException {
        String layer = client.layer("\"channel_axis\": " + axis);
        Answer answer =
                client.train(layer, "{\"shape\": %s, \"data\": [%s]}".formatted(shape, data));
        assertThat(answer.numbers("batch_mean")).containsExactly(3, 4);
        assertThat(answer.field("count").intValue()).isEqualTo(3);
        double[] output = answer.numbers("output");
        Arrays.sort(output);
        assertThat(output).containsExactly(OUTPUT, within(1e-15));
    }

    @Test
    void perActivationKeepsEveryActivationOfAnImage() throws IOException {
        String layer = client.layer("\"scope\": \"per_activation\"");
        Answer answer = client.train(layer, "{\"shape\": [2,2,2,1], \"data\": [1,2,3,4, 5,6,7,8]}");
        assertThat(answer.numbers("batch_mean")).containsExactly(3, 4, 5, 6);
        assertThat(answer.field("output").get("shape").toString()).isEqualTo("[2,2,2,1]");
        assertThat(client.get(layer).field("features").intValue()).isEqualTo(4);
    }
}
