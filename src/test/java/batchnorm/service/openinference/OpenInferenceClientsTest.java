package batchnorm.service.openinference;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import batchnorm.service.Wire;
import batchnorm.service.Wire.Reply;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Tests requests as clients of the protocol send them. The results must be bitwise equal to those
/// of the native API.
@ExtendWith(ServiceUnderTest.Shared.class)
class OpenInferenceClientsTest {
    private final Client client;
    private final Wire wire;

    OpenInferenceClientsTest(Client client) {
        this.client = client;
        this.wire = new Wire(client);
    }

    static Stream<Arguments> vectors() throws IOException {
        try (InputStream vectors =
                OpenInferenceClientsTest.class.getResourceAsStream("/conformance/vectors.json")) {
            return Answer.JSON.readTree(vectors).required("cases").valueStream().toList().stream()
                    .flatMap(one ->
                            Stream.of("FP64", "FP32")
                                    .map(type ->
                                            Arguments.of(one.get("id").stringValue(), type, one)));
        }
    }

    /// Sends the conformance vectors three times: natively, and as JSON and bytes under `/v2`.
    @ParameterizedTest(name = "{0} in {1}")
    @MethodSource("vectors")
    void hasTheBitsOfTheNativeApi(String id, String datatype, JsonNode vector) throws IOException {
        String suffix = id + "-" + datatype.toLowerCase(Locale.ROOT);
        List<String> twins = List.of("v2-n-" + suffix, "v2-j-" + suffix, "v2-b-" + suffix);
        for (String twin : twins) {
            ObjectNode layer = vector.get("layer").asObject().deepCopy();
            client.post("/layers", layer.put("name", twin).toString()).expect(201);
        }
        for (JsonNode step : vector.get("steps")) {
            String operation = step.get("op").stringValue();
            if (operation.equals("backward")) {
                continue;
            }
            ObjectNode input = tensor(step, datatype);
            Answer expected =
                    client.post(
                                    "/layers/" + twins.get(0) + "/" + operation,
                                    "{\"input\": " + input + "}")
                            .expect(200);
            Reply json = wire.inferJson(twins.get(1), request(operation, input, false, -1));
            byte[] bytes = bytes(Answer.numbers(input), datatype);
            Reply binary =
                    wire.infer(twins.get(2), request(operation, input, true, bytes.length), bytes);
            assertThat(binary.header("Content-Type")).isEqualTo("application/octet-stream");
            for (Reply reply : List.of(json.expect(200), binary.expect(200))) {
                reply.json()
                        .get("outputs")
                        .forEach(output -> {
                            String name = output.get("name").stringValue();
                            byte[] bits = bytes(expected.numbers(name), width(name, datatype));
                            assertThat(bytes(reply.numbers(name), width(name, datatype)))
                                    .as("%s of %s", name, operation)
                                    .isEqualTo(bits);
                        });
            }
        }
    }

    /// State is binary64, regardless of the batch's type.
    private static String width(String output, String datatype) {
        return output.equals("output") ? datatype : "FP64";
    }

    private static byte[] bytes(double[] numbers, String datatype) {
        return datatype.equals("FP64") ? Wire.doubles(numbers) : Wire.floats(numbers);
    }

    private static ObjectNode tensor(JsonNode step, String datatype) {
        ObjectNode tensor = Answer.JSON.createObjectNode();
        tensor.set("shape", step.get("shape"));
        tensor.put("datatype", datatype);
        tensor.set("data", step.get("input"));
        return tensor;
    }

    private static String request(String operation, ObjectNode tensor, boolean binary, int bytes) {
        ObjectNode input = tensor.deepCopy().put("name", "input");
        if (binary) {
            input.remove("data");
            input.putObject("parameters").put("binary_data_size", bytes);
        }
        ObjectNode request = Answer.JSON.createObjectNode();
        request.putArray("inputs").add(input);
        request.putObject("parameters")
                .put("operation", operation)
                .put("binary_data_output", binary);
        return request.toString();
    }

    /// `tritonclient.http` with its defaults: bytes in, bytes out, without explicit types.
    @Test
    void answersNvidiasPythonClient() throws IOException {
        String model = client.layer("\"features\": 2").substring("/layers/".length());
        String json =
                "{\"inputs\":[{\"name\":\"input\",\"shape\":[3,2],\"datatype\":\"FP32\","
                        + "\"parameters\":{\"binary_data_size\":24}}],"
                        + "\"parameters\":{\"binary_data_output\":true}}";
        byte[] body =
                Wire.join(json.getBytes(StandardCharsets.UTF_8), Wire.floats(1, 2, 3, 4, 5, 6));
        Reply reply =
                wire.send(
                        "POST /v2/models/%s/infer HTTP/1.1\nInference-Header-Content-Length: %d\nContent-Length: %d\n"
                                .formatted(model, json.length(), body.length),
                        body);
        assertThat(reply.expect(200).output("output").at("/parameters/binary_data_size").intValue())
                .isEqualTo(24);
        double[] numbers = reply.numbers("output");
        Answer expected =
                client.infer(
                        "/layers/" + model,
                        "{\"shape\": [3, 2], \"datatype\": \"FP32\", \"data\": [1, 2, 3, 4, 5, 6]}");
        assertThat(Wire.floats(numbers)).isEqualTo(Wire.floats(expected.numbers("output")));
    }

    /// The example of docs/open-inference.md; curl declares every body a form.
    @Test
    void answersCurl() throws IOException {
        String layer =
                client.layer("\"epsilon\": 0, \"running_mean\": [1, 2], \"running_var\": [4, 4]");
        Reply reply =
                wire.post(
                        "/v2/models/" + layer.substring("/layers/".length()) + "/infer",
                        ("{\"inputs\": [{\"name\": \"input\", \"shape\": [2, 2], \"datatype\": \"FP64\","
                                        + " \"data\": [1, 2, 3, 4]}]}")
                                .getBytes(StandardCharsets.UTF_8),
                        "Accept: */*",
                        "Content-Type: application/x-www-form-urlencoded");
        assertThat(reply.expect(200).text())
                .endsWith(
                        "\"outputs\":[{\"name\":\"output\",\"datatype\":\"FP64\",\"shape\":[2,2],\"data\":[0.0,0.0,1.0,1.0]}]}");
    }

    @Test
    void answersTheIndexOfAClientThatSendsNoBodyAndNoLength() throws IOException {
        client.layer("");
        Reply reply = wire.send("POST /v2/repository/index HTTP/1.1\n");
        assertThat(reply.expect(200).json().size()).isPositive();
    }

    /// `InferenceServerClient.java` and its HTTP library both encode names.
    @Test
    void findsALayerWhoseNameIsEncodedTwice() throws IOException {
        String model = client.layer("\"features\": 2").substring("/layers/".length());
        for (String dash : List.of("-", "%2D", "%252D", "%252d")) {
            String name = model.replace("-", dash);
            Reply ready = wire.send("GET /v2/models/" + name + "/ready HTTP/1.1\n");
            assertThat(ready.expect(200).json().get("name").stringValue()).isEqualTo(model);
        }
    }

    @Test
    void answersKservesHealthCallsInJson() throws IOException {
        for (String path : List.of("live", "ready")) {
            Reply health = wire.send("GET /v2/health/" + path + " HTTP/1.1\n");
            assertThat(health.expect(200).header("Content-Type")).startsWith("application/json");
            assertThat(health.json().get(path).booleanValue()).isTrue();
        }
    }

    @Test
    void readsABareNanAmongAMillionNumbers() throws IOException {
        String model = client.layer("\"features\": 4").substring("/layers/".length());
        String[] data = new String[1 << 20];
        Arrays.fill(data, "1.25");
        data[777_777] = "NaN";
        data[1_000_001] = "-Infinity";
        Reply reply =
                wire.inferJson(
                        model,
                        "{\"inputs\": [{\"name\": \"input\", \"shape\": [262144, 4], \"datatype\": \"FP32\","
                                + " \"data\": ["
                                + String.join(",", data)
                                + "]}], \"parameters\": {\"binary_data_output\": true}}");
        double[] numbers = reply.expect(200).numbers("output");
        assertThat(numbers[777_777]).isNaN();
        assertThat(numbers[1_000_001]).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(numbers[777_778]).isEqualTo(numbers[0]).isFinite();
    }

    /// `InferenceServerClient.java` cannot send parameters, except in a query; its library adds
    /// headers.
    @Test
    void answersNvidiasJavaClient() throws IOException {
        String model = client.layer("\"features\": 2").substring("/layers/".length());
        String json =
                "{\"id\":\"\",\"parameters\":{\"binary_data_output\":true},\"inputs\":[{\"name\":\"input\","
                        + "\"datatype\":\"FP32\",\"shape\":[3,2],\"parameters\":{\"binary_data_size\":24}}]}";
        Reply step =
                wire.post(
                        "/v2/models/" + model + "/infer?operation=forward-train",
                        Wire.join(
                                json.getBytes(StandardCharsets.UTF_8),
                                Wire.floats(1, 2, 3, 4, 5, 6)),
                        "Content-Type: application/octet-stream",
                        "Inference-Header-Content-Length: " + json.length());
        assertThat(step.expect(200).numbers("batch_mean")).containsExactly(3, 4);
        assertThat(step.parameter("num_batches_tracked").intValue()).isEqualTo(1);
    }

    /// The C++ client drops its parameters when outputs are named; curl declares every body a form.
    @Test
    void answersNvidiasCppClientThatNamesOutputs() throws IOException {
        String model = client.layer("\"features\": 2").substring("/layers/".length());
        String path = "/v2/models/" + model + "/infer?operation=";
        String json =
                "{\"id\":\"\",\"inputs\":[{\"name\":\"%s\",\"datatype\":\"FP32\",\"shape\":[3,2],"
                        + "\"parameters\":{\"binary_data_size\":24}}],"
                        + "\"outputs\":[{\"name\":\"%s\",\"parameters\":{\"binary_data\":true}}]}";
        Reply step =
                cpp(path + "forward-train", json.formatted("input", "output"), 1, 2, 3, 4, 5, 6);
        String context = step.expect(200).parameter("context_id").stringValue();
        assertThat(step.json().get("outputs").size()).isEqualTo(1);
        Reply back =
                cpp(
                        path + "backward&context_id=" + context,
                        json.formatted("grad_output", "grad_beta"),
                        1,
                        1,
                        1,
                        1,
                        1,
                        1);
        assertThat(back.expect(200).numbers("grad_beta")).containsExactly(3, 3);
    }

    private Reply cpp(String path, String json, double... numbers) throws IOException {
        return wire.post(
                path,
                Wire.join(json.getBytes(StandardCharsets.UTF_8), Wire.floats(numbers)),
                "Accept: */*",
                "Content-Type: application/x-www-form-urlencoded",
                "Inference-Header-Content-Length: " + json.length());
    }

    /// A body of only the input cannot contain parameters.
    @Test
    void trainsWithABodyOfBytesAlone() throws IOException {
        String model = client.layer("\"features\": 2").substring("/layers/".length());
        Reply step =
                wire.post(
                        "/v2/models/" + model + "/infer?operation=forward-train",
                        Wire.floats(1, 2, 3, 4, 5, 6),
                        "Inference-Header-Content-Length: 0");
        assertThat(step.expect(200).numbers("running_mean"))
                .containsExactly(0.30000000000000004, 0.4);
        assertThat(client.get("/layers/" + model).field("num_batches_tracked").intValue())
                .isEqualTo(1);
        Reply json =
                wire.post(
                        "/v2/models/" + model + "/infer?binary_data_output=false",
                        Wire.floats(1, 2),
                        "Inference-Header-Content-Length: 0");
        assertThat(json.expect(200).output("output").has("data")).isTrue();
    }

    /// KServe's `InferInput` of an empty array sends no bytes and therefore no header;
    /// `tritonclient` sends the header.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"data\":null,\"parameters\":{\"binary_data_size\":0}",
                "\"parameters\":{\"binary_data_size\":0}",
                "\"data\":[],\"parameters\":{\"binary_data_size\":0}",
                "\"data\":null,\"parameters\":null",
                "\"data\":[]",
                "\"parameters\":{}"
            })
    void takesAnEmptyBatch(String data) throws IOException {
        String model = client.layer("\"features\": 2").substring("/layers/".length());
        String json =
                "{\"id\":null,\"inputs\":[{\"name\":\"input\",\"shape\":[0,2],\"datatype\":\"FP32\","
                        + data
                        + "}],\"parameters\":{\"operation\":\"forward-train\",\"binary_data_output\":%s}}";
        for (boolean binary : new boolean[] {false, true}) {
            String text = json.formatted(binary);
            for (Reply reply : List.of(wire.inferJson(model, text), wire.infer(model, text))) {
                assertThat(reply.expect(200).output("output").get("shape")).hasToString("[0,2]");
                assertThat(reply.numbers("output")).isEmpty();
                assertThat(reply.parameter("count").intValue()).isZero();
            }
        }
        assertThat(client.get("/layers/" + model).field("version").intValue()).isEqualTo(1);
    }

    @Test
    void takesAnEmptyBodyOfBytesAlone() throws IOException {
        String model = client.layer("\"features\": 2").substring("/layers/".length());
        Reply reply =
                wire.post(
                        "/v2/models/" + model + "/infer",
                        new byte[0],
                        "Inference-Header-Content-Length: 0");
        assertThat(reply.expect(200).output("output").get("shape")).hasToString("[0,2]");
    }
}
