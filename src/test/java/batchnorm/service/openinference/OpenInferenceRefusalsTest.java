package batchnorm.service.openinference;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import batchnorm.service.Wire;
import batchnorm.service.Wire.Reply;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Tests that every invalid inference request gets an `error` with the reason, in the protocol's
/// format, and changes no layer.
@ExtendWith(ServiceUnderTest.Shared.class)
class OpenInferenceRefusalsTest {
    private static final String BYTES =
            "{'inputs': [{'name': 'input', 'shape': [2, 2], 'datatype': 'FP32',"
                    + " 'parameters': {'binary_data_size': 16}}],"
                    + " 'parameters': {'operation': 'forward-train'}}";

    private final Client client;
    private final Wire wire;
    private String model = "";

    OpenInferenceRefusalsTest(Client client) {
        this.client = client;
        this.wire = new Wire(client);
    }

    @BeforeEach
    void createALayer() throws IOException {
        model = client.layer("\"features\": 2").substring("/layers/".length());
    }

    private void refused(int status, String words, Reply reply) throws IOException {
        reply.expect(status);
        assertThat(reply.header("Content-Type")).startsWith("application/json");
        assertThat(reply.json().propertyNames()).containsExactly("error");
        assertThat(reply.error()).hasSizeBetween(15, 1000).doesNotContain("Exception");
        for (String word : words.split(" ")) {
            assertThat(reply.error()).containsIgnoringCase(word);
        }
        assertThat(client.get("/layers/" + model).field("num_batches_tracked").intValue()).isZero();
    }

    private String path() {
        return "/v2/models/" + model + "/infer";
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "-1                   | 400 | once decimal",
                "+137                 | 400 | once decimal",
                "0x89                 | 400 | once decimal",
                "1e2                  | 400 | once decimal",
                "137, 137             | 400 | once decimal",
                "99999999999999999999 | 400 | once decimal",
                "999999999999999999   | 400 | has only bytes",
                "10                   | 400 | end",
                "``                   | 400 | once decimal",
            })
    void refusesAHeaderLengthThatIsNone(String length, int status, String words)
            throws IOException {
        byte[] body =
                Wire.join(
                        BYTES.replace('\'', '"').getBytes(StandardCharsets.UTF_8),
                        Wire.floats(1, 2, 3, 4));
        refused(
                status,
                words,
                wire.post(path(), body, "Inference-Header-Content-Length: " + length));
    }

    @Test
    void refusesAHeaderLengthThatComesTwice() throws IOException {
        String json = BYTES.replace('\'', '"');
        String line = "Inference-Header-Content-Length: " + json.length();
        byte[] body = Wire.join(json.getBytes(StandardCharsets.UTF_8), Wire.floats(1, 2, 3, 4));
        refused(400, "once decimal", wire.post(path(), body, line, line));
    }

    @Test
    void refusesBytesWithoutTheHeader() throws IOException {
        byte[] body =
                Wire.join(
                        BYTES.replace('\'', '"').getBytes(StandardCharsets.UTF_8),
                        Wire.floats(1, 2, 3, 4));
        refused(400, "needs the header length of the JSON", wire.post(path(), body));
    }

    @ParameterizedTest
    @CsvSource({"0", "12", "15", "17", "20", "32"})
    void refusesMissingAndLeftOverBytes(int bytes) throws IOException {
        String json = BYTES.replace('\'', '"');
        refused(400, "bytes inputs take 16", wire.infer(model, json, new byte[bytes]));
        byte[] chunk = Wire.join(json.getBytes(StandardCharsets.UTF_8), new byte[bytes]);
        byte[] chunked =
                Wire.join(
                        (Integer.toHexString(chunk.length) + "\r\n")
                                .getBytes(StandardCharsets.UTF_8),
                        chunk,
                        "\r\n0\r\n\r\n".getBytes(StandardCharsets.UTF_8));
        refused(
                400,
                "binary data",
                wire.send(
                        "POST %s HTTP/1.1\nTransfer-Encoding: chunked\nInference-Header-Content-Length: %d\n"
                                .formatted(path(), json.length()),
                        chunked));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "no JSON                      | `{'inputs': [`                                      | 400 | end",
                "nothing                      | ``                                                  | 400 | object",
                "an array                     | `[]`                                                | 400 | object",
                "no inputs                    | `{}`                                                | 400 | inputs",
                "an empty list of inputs      | `{'inputs': []}`                                    | 400 | inputs",
                "inputs given twice           | `{'inputs': [@x], 'inputs': [@x]}`                  | 400 | twice",
                "an input given twice         | `{'inputs': [@x, @x]}`                              | 400 | input twice",
                "an unknown input             | `{'inputs': [@z]}`                                  | 400 | input",
                "one input too many           | `{'inputs': [@x, @z]}`                              | 400 | input",
                "seventeen outputs            | `{'inputs': [@x], 'outputs': [@n]}`                 | 400 | 16",
                "no name                      | `{'inputs': [{'shape': [1], 'datatype': 'FP32', 'data': [1]}]}` | 400 | name",
                "no shape                     | `{'inputs': [{'name': 'input', 'datatype': 'FP32', 'data': [1]}]}` | 400 | shape",
                "no datatype                  | `{'inputs': [{'name': 'input', 'shape': [1, 1], 'data': [1]}]}` | 400 | datatype",
                "no data                      | `{'inputs': [{'name': 'input', 'shape': [1, 1], 'datatype': 'FP32'}]}` | 400 | data",
                "shared memory                | `{'inputs': [{'name': 'input', 'shape': [1, 1], 'datatype': 'FP32', 'parameters': {'shared_memory_region': 'a'}}]}` | 400 | shared memory",
                "a datatype of integers       | `{'inputs': [{'name': 'input', 'shape': [1, 2], 'datatype': 'INT64', 'data': [1, 2]}]}` | 400 | datatype FP64",
                "too few numbers              | `{'inputs': [{'name': 'input', 'shape': [2, 2], 'datatype': 'FP32', 'data': [1, 2, 3]}]}` | 400 | 3 4",
                "too many numbers             | `{'inputs': [{'name': 'input', 'shape': [1, 2], 'datatype': 'FP32', 'data': [1, 2, 3]}]}` | 400 | 2",
                "a negative dimension         | `{'inputs': [{'name': 'input', 'shape': [-1, 2], 'datatype': 'FP32', 'data': [1, 2]}]}` | 400 | negative",
                "a shape beyond all limits    | `{'inputs': [{'name': 'input', 'shape': [2147483639, 2147483639], 'datatype': 'FP32', 'parameters': {'binary_data_size': 4}}]}` | 400 | limit",
                "a shape beyond the limit     | `{'inputs': [{'name': 'input', 'shape': [30000, 30000], 'datatype': 'FP32', 'parameters': {'binary_data_size': 4}}]}` | 413 | at most elements",
                "a shape that wraps to 0      | `{'inputs': [{'name': 'input', 'shape': [4294967296, 4294967296], 'datatype': 'FP32', 'parameters': {'binary_data_size': 0}}]}` | 400 | shape",
                "a size and data              | `{'inputs': [{'name': 'input', 'shape': [1, 2], 'datatype': 'FP32', 'data': [1, 2], 'parameters': {'binary_data_size': 8}}]}` | 400 | both",
                "a size that is not the shape's | `{'inputs': [{'name': 'input', 'shape': [1, 2], 'datatype': 'FP32', 'parameters': {'binary_data_size': 16}}]}` | 400 | 8 16",
                "a negative size              | `{'inputs': [{'name': 'input', 'shape': [1, 2], 'datatype': 'FP32', 'parameters': {'binary_data_size': -8}}]}` | 400 | 8",
                "a size of text               | `{'inputs': [{'name': 'input', 'shape': [1, 2], 'datatype': 'FP32', 'parameters': {'binary_data_size': '8'}}]}` | 400 | 8",
                "a huge size                  | `{'inputs': [{'name': 'input', 'shape': [1, 2], 'datatype': 'FP32', 'parameters': {'binary_data_size': 99999999999999999999}}]}` | 400 | 8",
                "an unknown output            | `{'inputs': [@x], 'outputs': [{'name': 'nothing'}]}` | 400 | output",
                "another operation's output   | `{'inputs': [@x], 'outputs': [{'name': 'batch_mean'}]}` | 400 | forward-infer",
                "an output asked for twice    | `{'inputs': [@x], 'outputs': [{'name': 'output'}, {'name': 'output'}]}` | 400 | twice",
                "an output without a name     | `{'inputs': [@x], 'outputs': [{}]}`                 | 400 | name",
                "classification               | `{'inputs': [@x], 'outputs': [{'name': 'output', 'parameters': {'classification': 2}}]}` | 400 | classification",
                "an unknown operation         | `{'inputs': [@x], 'parameters': {'operation': 'sideways'}}` | 400 | operation forward-train",
                "an operation of number       | `{'inputs': [@x], 'parameters': {'operation': 7}}`  | 400 | operation string",
                "a context nobody has         | `{'inputs': [@x], 'parameters': {'operation': 'backward', 'context_id': 'x'}}` | 400 | grad_output",
                "a mode of none               | `{'inputs': [@x], 'parameters': {'operation': 'backward', 'mode': 'x'}}` | 400 | mode",
                "an id that is no key         | `{'id': 'a b', 'inputs': [@x], 'parameters': {'operation': 'forward-train'}}` | 400 | id ASCII",
                "more after the object        | `{'inputs': [@x]} {}`                               | 400 | end",
                "the wrong number of features | `{'inputs': [{'name': 'input', 'shape': [2, 3], 'datatype': 'FP32', 'data': [1, 2, 3, 4, 5, 6]}], 'parameters': {'operation': 'forward-train'}}` | 422 | 2 3",
                "NaN in a training batch      | `{'inputs': [{'name': 'input', 'shape': [2, 2], 'datatype': 'FP32', 'data': [1, 2, NaN, 4]}], 'parameters': {'operation': 'forward-train'}}` | 422 | NaN",
            })
    void refusesJsonThatIsNoRequest(String what, String json, int status, String words)
            throws IOException {
        String x = "{'name': '%s', 'shape': [1, 2], 'datatype': 'FP32', 'data': [1, 2]}";
        String many = String.join(",", Collections.nCopies(17, "{'name': 'n'}"));
        String body =
                json.replace("@x", x.formatted("input"))
                        .replace("@z", x.formatted("other"))
                        .replace("@n", many)
                        .replace('\'', '"');
        refused(status, words, wire.inferJson(model, body));
    }

    /// Exceeds the maximum body; the members of a gzip file may be concatenated.
    @Test
    void refusesABombBeforeItIsInflated() throws IOException {
        byte[] member = gzip(17 << 20);
        byte[] bomb = Wire.join(Collections.nCopies(16, member).toArray(byte[][]::new));
        assertThat(bomb.length).isLessThan(600_000);
        refused(
                413,
                "larger limit 268435456 bytes",
                wire.post(path(), bomb, "Content-Encoding: gzip"));
    }

    @Test
    void refusesBodiesThatAreNotCompressedAsTheySay() throws IOException {
        byte[] json = BYTES.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        for (String coding : List.of("gzip", "deflate")) {
            refused(400, "Encoding", wire.post(path(), json, "Content-Encoding: " + coding));
            byte[] half = Arrays.copyOf(coding.equals("gzip") ? gzip(99) : deflate(99), 12);
            refused(400, "body", wire.post(path(), half, "Content-Encoding: " + coding));
        }
        for (String coding : List.of("br", "gzip, gzip", "zstd")) {
            refused(415, "gzip deflate", wire.post(path(), json, "Content-Encoding: " + coding));
        }
    }

    private static byte[] gzip(int zeros) throws IOException {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (GZIPOutputStream body = new GZIPOutputStream(compressed)) {
            write(body, zeros);
        }
        return compressed.toByteArray();
    }

    private static byte[] deflate(int zeros) throws IOException {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (DeflaterOutputStream body = new DeflaterOutputStream(compressed)) {
            write(body, zeros);
        }
        return compressed.toByteArray();
    }

    /// Returns JSON of the given number of bytes.
    private static void write(OutputStream body, int blanks) throws IOException {
        byte[] some = new byte[1 << 16];
        Arrays.fill(some, (byte) ' ');
        for (int left = blanks; left > 0; left -= some.length) {
            body.write(some, 0, Math.min(left, some.length));
        }
    }

    @Test
    void refusesARawBodyThatDoesNotFillAShape() throws IOException {
        String raw = "Inference-Header-Content-Length: 0";
        refused(400, "13 bytes multiple 8", wire.post(path(), new byte[13], raw));
        String open = client.layer("").substring("/layers/".length());
        refused(
                400,
                "one open dimension",
                wire.post("/v2/models/" + open + "/infer", new byte[16], raw));
    }

    @ParameterizedTest
    @CsvSource({
        "GET,    /v2/nothing,               404",
        "GET,    /v2/models/nobody,         404",
        "GET,    /v2/models/nobody/ready,   404",
        "POST,   /v2/models/nobody/infer,   400",
        "GET,    /v2/models/a%20b,          400",
        "GET,    /v2/models/%25zz,          400",
        "DELETE, /v2/models/nobody,         405",
        "GET,    /v2/repository/index,      405",
        "GET,    /v2/models/a%2Fb,          400",
    })
    void answersEveryErrorInTheProtocolsForm(String method, String path, int status)
            throws IOException {
        refused(status, "", wire.send(method + " " + path + " HTTP/1.1\nContent-Length: 0\n"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GET    | /v2/systemsharedmemory/status                | shared memory binary_data_size",
                "GET    | /v2/systemsharedmemory/region/r/status       | shared memory binary_data_size",
                "POST   | /v2/systemsharedmemory/region/r/register     | shared memory binary_data_size",
                "POST   | /v2/systemsharedmemory/region/r/unregister   | shared memory binary_data_size",
                "POST   | /v2/systemsharedmemory/unregister            | shared memory binary_data_size",
                "GET    | /v2/cudasharedmemory/status                  | shared memory binary_data_size",
                "POST   | /v2/cudasharedmemory/region/r/register       | shared memory binary_data_size",
                "GET    | /v2/trace/setting                            | trace OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
                "POST   | /v2/trace/setting                            | trace OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
                "GET    | /v2/models/nobody/trace/setting              | trace OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
                "POST   | /v2/models/nobody/trace/setting              | trace OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
                "GET    | /v2/logging                                  | log LOGGING_LEVEL_BATCHNORM",
                "POST   | /v2/logging                                  | log LOGGING_LEVEL_BATCHNORM",
            })
    void saysWhatIsNotOfferedAndWhatIsInItsPlace(String method, String path, String words)
            throws IOException {
        byte[] body = "{\"log_verbose_level\": 1}".getBytes(StandardCharsets.UTF_8);
        refused(
                404,
                "not offered " + words,
                wire.send(
                        method + " " + path + " HTTP/1.1\nContent-Length: " + body.length + "\n",
                        body));
    }

    @Test
    void sendsWhatIsNotThereToTheContract() throws IOException {
        for (String path : List.of("/v2/nothing", "/v2/models/" + model + "/generate")) {
            refused(404, "/openapi/open-inference.json", wire.send("GET " + path + " HTTP/1.1\n"));
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'parameters': {'config': '{}'}}                                | config PATCH",
                "{'parameters': {'config': {'max_batch_size': 8}}}               | config PATCH",
                "{'parameters': {'file:1/model.onnx': '@long'}}                  | file: import",
                "{'parameters': {'config': '{}', 'file:1/model.onnx': 'AAAA'}}   | config PATCH",
                "{'parameters': 7}                                               | parameters object",
                "[]                                                              | object",
                "{                                                               | end",
                "{} {}                                                           | end",
            })
    void refusesALoadThatWouldChangeTheModel(String json, String words) throws IOException {
        String body = json.replace("@long", "A".repeat(1 << 20)).replace('\'', '"');
        Reply reply =
                wire.post(
                        "/v2/repository/models/" + model + "/load",
                        body.getBytes(StandardCharsets.UTF_8));
        refused(400, words, reply);
    }

    @Test
    void refusesToUnloadALayer() throws IOException {
        for (String body : List.of("", "{}", "{\"parameters\": {\"unload_dependents\": true}}")) {
            Reply reply =
                    wire.post(
                            "/v2/repository/models/" + model + "/unload",
                            body.getBytes(StandardCharsets.UTF_8));
            refused(400, "DELETE /api/v1/layers/" + model, reply);
        }
        client.get("//v2/models/" + model + "/ready").expect(200);
    }
}
