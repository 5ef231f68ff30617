package batchnorm.service.openinference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import batchnorm.service.Wire;
import batchnorm.service.Wire.Reply;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Layers as models of the Open Inference Protocol: the numbers of the native API.
@ExtendWith(ServiceUnderTest.Shared.class)
class OpenInferenceTest {
    private static final String X =
            "{\"name\": \"input\", \"shape\": [3, 2], \"datatype\": \"FP64\", \"data\": [1, 2, 3, 4, 5, 6]}";

    private static final String DY =
            "{\"name\": \"grad_output\", \"shape\": [3, 2], \"datatype\": \"FP64\","
                    + " \"data\": [[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]]}";

    private final Client client;
    private final Wire wire;

    OpenInferenceTest(Client client) {
        this.client = client;
        this.wire = new Wire(client);
    }

    private String model(String fields) throws IOException {
        return client.layer(fields).substring("/layers/".length());
    }

    @Test
    void answersForTheVersionThatThereIs() throws IOException {
        String name = model("\"features\": 2");
        for (String part : List.of("", "/ready", "/config", "/stats")) {
            client.get("//v2/models/" + name + "/versions/1" + part).expect(200);
            for (String version : List.of("0", "2", "x", "01")) {
                Answer answer =
                        client.get("//v2/models/" + name + "/versions/" + version + part)
                                .expect(404);
                assertThat(answer.field("error").stringValue()).contains("version 1");
            }
        }
        String body =
                "{\"parameters\": {\"operation\": \"forward-train\"}, \"inputs\": [" + X + "]}";
        String path = "/v2/models/" + name + "/versions/1/infer";
        assertThat(
                        wire.post(path, body.getBytes(StandardCharsets.UTF_8))
                                .expect(200)
                                .json()
                                .get("model_version"))
                .hasToString("\"2\"");
        wire.post(path, body.getBytes(StandardCharsets.UTF_8)).expect(404);
        assertThat(client.get("/layers/" + name).field("num_batches_tracked").intValue())
                .isEqualTo(1);
    }

    @Test
    void infersAsTheNativeApiDoes() throws IOException {
        String name = model("\"features\": 2, \"running_mean\": [1, 2], \"running_var\": [3, 4]");
        Reply reply =
                wire.inferJson(
                        name,
                        "{\"id\": \"an id\", \"made_up\": [{\"x\": null}], \"parameters\": {\"sequence_id\": 7,"
                                + " \"sequence_start\": true, \"priority\": 3, \"timeout\": 100, \"mine\": 1.5},"
                                + " \"inputs\": ["
                                + X
                                + "], \"outputs\": null}");
        JsonNode answer = reply.expect(200).json();
        assertThat(reply.header("Content-Type")).startsWith("application/json");
        assertThat(answer.get("model_name").stringValue()).isEqualTo(name);
        assertThat(answer.get("model_version").stringValue()).isEqualTo("1");
        assertThat(answer.get("id").stringValue()).isEqualTo("an id");
        assertThat(reply.output("output").get("shape")).hasToString("[3,2]");
        assertThat(reply.output("output").get("datatype")).hasToString("\"FP64\"");
        Answer expected = client.infer("/layers/" + name, "[[1, 2], [3, 4], [5, 6]]");
        assertThat(reply.numbers("output")).isEqualTo(expected.numbers("output"));
    }

    @Test
    void trainsAndGoesBackAsTheNativeApiDoes() throws IOException {
        String name = model("\"features\": 2");
        String twin = client.layer("\"features\": 2");
        Reply forward =
                wire.inferJson(
                                name,
                                "{\"parameters\": {\"operation\": \"forward-train\"}, \"inputs\": ["
                                        + X
                                        + "]}")
                        .expect(200);
        Answer expected = client.train(twin, "[[1, 2], [3, 4], [5, 6]]");
        for (String output :
                List.of("output", "batch_mean", "batch_var", "running_mean", "running_var")) {
            assertThat(forward.numbers(output)).as(output).isEqualTo(expected.numbers(output));
        }
        assertThat(forward.parameter("alpha").doubleValue()).isEqualTo(0.1);
        assertThat(forward.parameter("count").intValue()).isEqualTo(3);
        assertThat(forward.parameter("num_batches_tracked").intValue()).isEqualTo(1);

        String context = forward.parameter("context_id").stringValue();
        Answer gradients = client.backward(twin, expected, "[[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]]");
        Reply byContext =
                wire.inferJson(
                        name,
                        "{\"parameters\": {\"operation\": \"backward\", \"context_id\": \"%s\"}, \"inputs\": [%s]}"
                                .formatted(context, DY));
        Reply stateless =
                wire.inferJson(
                        name,
                        "{\"parameters\": {\"operation\": \"backward\", \"mode\": \"train\"}, \"inputs\": [%s, %s]}"
                                .formatted(X, DY));
        for (String output : List.of("grad_input", "grad_gamma", "grad_beta")) {
            assertThat(byContext.expect(200).numbers(output)).isEqualTo(gradients.numbers(output));
            assertThat(stateless.expect(200).numbers(output)).isEqualTo(gradients.numbers(output));
        }
    }

    @Test
    void countsAStepOncePerId() throws IOException {
        String name = model("\"features\": 2");
        String body =
                "{\"id\": \"step-1\", \"parameters\": {\"operation\": \"forward-train\"}, \"inputs\": [%s]}";
        Reply first = wire.inferJson(name, body.formatted(X)).expect(200);
        Reply again = wire.inferJson(name, body.formatted(X)).expect(200);
        assertThat(first.parameter("replayed").booleanValue()).isFalse();
        assertThat(again.parameter("replayed").booleanValue()).isTrue();
        assertThat(again.numbers("output")).isEqualTo(first.numbers("output"));
        assertThat(again.parameter("context_id")).isEqualTo(first.parameter("context_id"));
        // The same numbers in another form are the same step.
        Reply binary =
                wire.infer(
                        name,
                        "{\"id\": \"step-1\", \"inputs\": [{\"name\": \"input\", \"shape\": [3, 2], \"datatype\": \"FP64\","
                                + " \"parameters\": {\"binary_data_size\": 48}}],"
                                + " \"parameters\": {\"operation\": \"forward-train\", \"binary_data_output\": true}}",
                        Wire.doubles(1, 2, 3, 4, 5, 6));
        assertThat(binary.expect(200).parameter("replayed").booleanValue()).isTrue();
        assertThat(binary.numbers("output")).isEqualTo(first.numbers("output"));
        assertThat(
                        wire.inferJson(name, body.formatted(X.replace(" 6]", " 7]")))
                                .expect(422)
                                .error())
                .contains("this id was used for a different request");
        assertThat(client.get("/layers/" + name).field("num_batches_tracked").intValue())
                .isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"FP64, 8", "FP32, 4", "FP16, 2", "BF16, 2"})
    void takesAndAnswersBytesOfEveryDatatype(String datatype, int width) throws IOException {
        String name = model("\"features\": 2");
        byte[] bytes =
                switch (datatype) {
                    case "FP64" -> Wire.doubles(1, 2, 3, 4);
                    case "FP32" -> Wire.floats(1, 2, 3, 4);
                    case "FP16" -> new byte[] {0, 0x3C, 0, 0x40, 0, 0x42, 0, 0x44};
                    default -> new byte[] {-128, 0x3F, 0, 0x40, 0x40, 0x40, -128, 0x40};
                };
        String input =
                "{\"name\": \"input\", \"shape\": [2, 2], \"datatype\": \"%s\", \"parameters\": {\"binary_data_size\": %d}}"
                        .formatted(datatype, 4 * width);
        String json = "{\"inputs\": [" + input + "], \"parameters\": {\"binary_data_output\": %s}}";
        Reply binary = wire.infer(name, json.formatted(true), bytes).expect(200);
        assertThat(binary.header("Content-Type")).isEqualTo("application/octet-stream");
        assertThat(binary.header("Content-Length"))
                .isEqualTo(Integer.toString(binary.body().length));
        assertThat(binary.output("output").at("/parameters/binary_data_size").intValue())
                .isEqualTo(4 * width);
        Reply numbers = wire.infer(name, json.formatted(false), bytes).expect(200);
        assertThat(numbers.header("Inference-Header-Content-Length")).isEmpty();
        assertThat(numbers.output("output").get("datatype").stringValue()).isEqualTo(datatype);
        assertThat(binary.numbers("output")).isEqualTo(numbers.numbers("output"));
        assertThat(binary.numbers("output")[0]).isCloseTo(1, within(.01));
    }

    @Test
    void mixesJsonAndBytesInQuestionsAndAnswers() throws IOException {
        String name = model("\"features\": 2");
        String bytes =
                "{\"name\": \"grad_output\", \"shape\": [3, 2], \"datatype\": \"FP64\", \"parameters\": {\"binary_data_size\": 48}}";
        String operation =
                "\"parameters\": {\"operation\": \"backward\", \"binary_data_output\": true}";
        String outputs =
                "\"outputs\": [{\"name\": \"grad_beta\", \"parameters\": {\"binary_data\": false}}, {\"name\": \"grad_input\"},"
                        + " {\"name\": \"grad_gamma\", \"parameters\": {\"binary_data\": true}}]";
        Reply mixed =
                wire.infer(
                                name,
                                "{%s, \"inputs\": [%s, %s], %s}"
                                        .formatted(outputs, bytes, X, operation),
                                Wire.doubles(.1, .2, .3, .4, .5, .6))
                        .expect(200);
        assertThat(mixed.output("grad_beta").has("data")).isTrue();
        assertThat(mixed.output("grad_input").has("data")).isFalse();
        assertThat(mixed.json().get("outputs").valueStream().map(o -> o.get("name").stringValue()))
                .containsExactly("grad_beta", "grad_input", "grad_gamma");
        Reply plain =
                wire.inferJson(
                        name,
                        "{\"inputs\": [%s, %s], \"parameters\": {\"operation\": \"backward\"}}"
                                .formatted(DY, X));
        for (String output : List.of("grad_input", "grad_gamma", "grad_beta")) {
            assertThat(mixed.numbers(output)).isEqualTo(plain.expect(200).numbers(output));
        }
    }

    @Test
    void takesABodyThatIsNothingButTheInput() throws IOException {
        String name = model("\"features\": 2");
        Reply reply =
                wire.post(
                        "/v2/models/" + name + "/infer",
                        Wire.floats(1, 2, 3, 4, 5, 6),
                        "Inference-Header-Content-Length: 0");
        assertThat(reply.expect(200).output("output").get("shape")).hasToString("[3,2]");
        assertThat(reply.header("Content-Type")).isEqualTo("application/octet-stream");
        assertThat(reply.numbers("output")).hasSize(6);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "deflate"})
    void readsCompressedBodies(String coding) throws IOException {
        String name = model("\"features\": 2");
        byte[] json = ("{\"inputs\": [" + X + "]}").getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (OutputStream body =
                coding.equals("gzip")
                        ? new GZIPOutputStream(compressed)
                        : new DeflaterOutputStream(compressed)) {
            body.write(json);
        }
        Reply reply =
                wire.post(
                        "/v2/models/" + name + "/infer",
                        compressed.toByteArray(),
                        "Content-Encoding: " + coding);
        assertThat(reply.expect(200).numbers("output")).hasSize(6);
    }

    @Test
    void readsBareNonFiniteNumbersAndAnswersQuotedOnes() throws IOException {
        String name = model("\"features\": 1");
        for (String data :
                List.of(
                        "[NaN, Infinity, -Infinity, -1]",
                        "[[NaN], [Infinity], [-Infinity], [-1]]")) {
            Reply reply =
                    wire.inferJson(
                            name,
                            "{\"inputs\": [{\"name\": \"input\", \"datatype\": \"FP32\", \"shape\": [4, 1], \"data\": "
                                    + data
                                    + "}], \"parameters\": {\"ignored\": NaN}}");
            assertThat(reply.expect(200).text())
                    .contains("[\"NaN\",\"Infinity\",\"-Infinity\",-0.99");
        }
    }

    @Test
    void answersAMillionNumbers() throws IOException {
        String name = model("\"features\": 256");
        String data =
                IntStream.range(0, 1 << 20)
                        .mapToObj(i -> Integer.toString(i % 1000))
                        .collect(Collectors.joining(","));
        String json =
                "{\"inputs\": [{\"name\": \"input\", \"datatype\": \"FP32\", \"shape\": [4096, 256], \"data\": [%s]}], \"parameters\": {\"binary_data_output\": %s}}";
        double[] numbers =
                wire.inferJson(name, json.formatted(data, false)).expect(200).numbers("output");
        assertThat(numbers).hasSize(1 << 20);
        assertThat(
                        Arrays.equals(
                                numbers,
                                wire.inferJson(name, json.formatted(data, true))
                                        .expect(200)
                                        .numbers("output")))
                .isTrue();
    }

    /// One-hot inputs compress some 500 times.
    @ParameterizedTest
    @ValueSource(strings = {"gzip", "deflate"})
    void readsWhatCompressesFiveHundredTimes(String coding) throws IOException {
        String name = model("\"features\": 1024");
        double[] oneHot = new double[4096 * 1024];
        for (int row = 0; row < 4096; row++) {
            oneHot[row * 1024 + 7] = 1;
        }
        String json =
                "{\"inputs\": [{\"name\": \"input\", \"shape\": [4096, 1024], \"datatype\": \"FP32\","
                        + " \"parameters\": {\"binary_data_size\": 16777216}}],"
                        + " \"outputs\": [{\"name\": \"output\", \"parameters\": {\"binary_data\": true}}]}";
        byte[] plain = Wire.join(json.getBytes(StandardCharsets.UTF_8), Wire.floats(oneHot));
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (OutputStream body =
                coding.equals("gzip")
                        ? new GZIPOutputStream(compressed)
                        : new DeflaterOutputStream(compressed)) {
            body.write(plain);
        }
        assertThat(plain.length / compressed.size()).isGreaterThan(400);
        Reply reply =
                wire.post(
                        "/v2/models/" + name + "/infer",
                        compressed.toByteArray(),
                        "Content-Encoding: " + coding,
                        "Inference-Header-Content-Length: " + json.length());
        assertThat(reply.expect(200).numbers("output")).hasSize(oneHot.length);
    }
}
