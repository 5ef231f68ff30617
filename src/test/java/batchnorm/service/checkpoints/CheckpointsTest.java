package batchnorm.service.checkpoints;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.codec.Checkpoint;
import batchnorm.codec.Codec;
import batchnorm.codec.Message;
import batchnorm.codec.Selection;
import batchnorm.codec.npy.NpzCodec;
import batchnorm.codec.safetensors.SafetensorsCodec;
import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.Contract;
import batchnorm.service.ServiceUnderTest;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Tests imports and exports of framework files. PyTorch wrote `pytorch.safetensors` from a network
/// with three batch normalizations, `1`, `4` (without weight and bias) and `8`.
@ExtendWith(ServiceUnderTest.Shared.class)
public class CheckpointsTest {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final Codec.Limits LIMITS = new Codec.Limits(1 << 20, 64);

    private final Client client;

    CheckpointsTest(Client client) {
        this.client = client;
    }

    /// Returns all tensors of a file.
    private static final class All implements Selection {
        @Override
        public Set<String> among(Set<String> names) {
            return names;
        }

        @Override
        public boolean mayBe(String name) {
            return true;
        }
    }

    @BeforeEach
    void deleteWhatOthersImported() throws IOException {
        for (String name : List.of("1", "4", "8", "net.1", "net.4", "net.8")) {
            client.delete("/layers/" + name);
        }
    }

    public static byte[] pytorch() throws IOException {
        try (InputStream file =
                CheckpointsTest.class.getResourceAsStream("/checkpoints/pytorch.safetensors")) {
            return Objects.requireNonNull(file).readAllBytes();
        }
    }

    private Answer importing(String query, byte[] body) throws IOException {
        return client.send(
                "POST",
                "/layers/import?" + query,
                body,
                "Content-Type",
                "application/vnd.safetensors");
    }

    private HttpResponse<byte[]> export(String path, String accept) throws Exception {
        return Contract.checked(
                HTTP.send(
                        HttpRequest.newBuilder(client.root().resolve("/api/v1" + path))
                                .header("Accept", accept)
                                .build(),
                        BodyHandlers.ofByteArray()));
    }

    private static Message state(byte[] body) throws IOException {
        return SafetensorsCodec.decode(new ByteArrayInputStream(body), new All(), LIMITS).state();
    }

    @Test
    void aCheckpointOfPyTorchComesInAndGoesOutBitForBit() throws Exception {
        JsonNode report = importing("framework=pytorch", pytorch()).expect(200).json();
        assertThat(report.get("layers").valueStream().map(layer -> layer.get("name").stringValue()))
                .containsExactly("1", "4", "8");
        assertThat(report.at("/layers/0/tensors/running_var").stringValue())
                .isEqualTo("1.running_var");
        assertThat(report.at("/layers/0/num_batches_tracked").intValue()).isEqualTo(7);
        assertThat(report.get("skipped")).hasSize(7);
        assertThat(report.at("/notes").valueStream().map(note -> note.get("what").stringValue()))
                .contains("epsilon", "momentum", "running_var");

        Answer plain = client.get("/layers/4").expect(200);
        assertThat(plain.json().at("/config/scale").booleanValue()).isFalse();
        assertThat(plain.field("gamma").isNull()).isTrue();

        HttpResponse<byte[]> exported =
                export("/state?framework=pytorch&names=1,4,8", "application/vnd.safetensors");
        assertThat(exported.statusCode()).isEqualTo(200);
        assertThat(exported.headers().firstValue("State-Exact")).hasValue("true");
        assertThat(exported.headers().firstValue("Content-Disposition").orElseThrow())
                .contains(".safetensors");
        Message out = state(exported.body());
        Message in = state(pytorch());
        assertThat(out.values().keySet()).hasSize(13);
        for (String name : out.values().keySet()) {
            assertSameBits(name, out.values().get(name), in.values().get(name));
        }
    }

    private static void assertSameBits(String name, Object actual, Object expected) {
        if (actual instanceof Tensor.Floats a && expected instanceof Tensor.Floats e) {
            assertThat(a.shape()).as(name).isEqualTo(e.shape());
            for (int i = 0; i < a.values().length; i++) {
                assertThat(Float.floatToRawIntBits(a.values()[i]))
                        .as("%s[%d]", name, i)
                        .isEqualTo(Float.floatToRawIntBits(e.values()[i]));
            }
        } else {
            assertThat(actual).as(name).isEqualTo(expected);
        }
    }

    @Test
    void eitherAllLayersAreCreatedOrNone() throws IOException {
        client.post("/layers", "{\"name\": \"4\", \"features\": 5}").expect(201);
        Answer refused =
                importing("framework=pytorch", pytorch()).expectProblem(409, "layer-exists");
        assertThat(refused.detail()).contains("\"4\"").contains("replace=true");
        client.get("/layers/1").expectProblem(404, "layer-not-found");
        client.get("/layers/8").expectProblem(404, "layer-not-found");
        assertThat(client.get("/layers/4").field("features").intValue()).isEqualTo(5);

        importing("framework=pytorch&replace=true", pytorch()).expect(200);
        assertThat(client.get("/layers/4").field("features").intValue()).isEqualTo(2);
        client.get("/layers/8").expect(200);
    }

    @Test
    void aReplacedLayerKeepsItsSnapshotsAndCountsItsVersionsOn() throws IOException {
        String layer = client.layer("\"features\": 5");
        String name = layer.substring("/layers/".length());
        client.train(layer, "[[1,2,3,4,5],[5,4,3,2,2]]");
        client.post(layer + "/snapshots", "{\"label\": \"kept\"}").expect(201);
        Answer before = client.get(layer).expect(200);
        importing("framework=pytorch&replace=true&name=" + name + "&prefix=1", pytorch())
                .expect(200);
        Answer after = client.get(layer).expect(200);
        assertThat(after.field("features").intValue()).isEqualTo(4);
        assertThat(after.field("version").longValue())
                .isEqualTo(before.field("version").longValue() + 1);
        assertThat(after.field("created_at")).isEqualTo(before.field("created_at"));
        assertThat(client.get(layer + "/snapshots").field("snapshots")).hasSize(1);
        client.get(layer + "/snapshots/compare?from=1").expect(200);
        client.send("POST", layer + "/snapshots/1/restore", null).expect(200);
        assertThat(client.get(layer).json().get("running_mean"))
                .isEqualTo(before.field("running_mean"));
    }

    @Test
    void anOptimizerBeginsAnewAtAReplacedLayer() throws IOException {
        String layer = client.layer("\"features\": 5");
        String name = layer.substring("/layers/".length());
        client.post(layer + "/snapshots", "{}").expect(201);
        step(layer, "[1,1,1,1,1]");
        importing("framework=pytorch&replace=true&name=" + name + "&prefix=1", pytorch())
                .expect(200);
        step(layer, "[1,1,1,1]");
        client.send("POST", layer + "/snapshots/1/restore", null).expect(200);
        step(layer, "[1,1,1,1,1]");
    }

    private void step(String layer, String gradient) throws IOException {
        client.post(
                        layer + "/apply-gradients",
                        "{\"grad_beta\": %s, \"optimizer\": {\"kind\": \"adam\", \"learning_rate\": 0.1}}"
                                .formatted(gradient))
                .expect(200);
    }

    @Test
    void knobsThatNoTensorHoldsComeFromTheCaller() throws IOException {
        importing(
                        "framework=pytorch&convention=keras&epsilon=0.002&momentum=null&name=net",
                        pytorch())
                .expect(200);
        JsonNode config = client.get("/layers/net.1").expect(200).json().get("config");
        assertThat(config.get("convention").stringValue()).isEqualTo("keras");
        assertThat(config.get("epsilon").doubleValue()).isEqualTo(0.002);
        assertThat(config.get("momentum").isNull()).isTrue();
        assertThat(config.get("channel_axis").intValue()).isEqualTo(-1);
    }

    @Test
    void aPrefixChoosesAndIsCutOff() throws Exception {
        Answer one = importing("framework=pytorch&prefix=8.&name=net.8", pytorch()).expect(200);
        assertThat(one.json().get("layers")).hasSize(1);
        HttpResponse<byte[]> exported =
                export("/layers/net.8/state?framework=pytorch&prefix=head.", "*/*");
        assertThat(state(exported.body()).values().keySet())
                .containsExactlyInAnyOrder(
                        "head.weight",
                        "head.bias",
                        "head.running_mean",
                        "head.running_var",
                        "head.num_batches_tracked");
        importing("framework=pytorch&prefix=8.", pytorch()).expectProblem(400, "invalid-request");
    }

    @ParameterizedTest
    @ValueSource(strings = {"pytorch", "keras", "onnx", "tensorflow-1", "paddle", "mxnet", "flax"})
    void everyFrameworksFilesComeBackAsTheyWere(String framework) throws Exception {
        client.delete("/layers/back.a.b");
        client.delete("/layers/there.back.a.b");
        client.post(
                        "/layers",
                        "{\"name\": \"back.a.b\", \"gamma\": [0.1, 1e-300], \"beta\": [3, 4],"
                                + " \"running_mean\": [5, 6], \"running_var\": [7, 8]}")
                .expect(201);
        for (String type : List.of("application/vnd.safetensors", "application/x-npz")) {
            HttpResponse<byte[]> file =
                    export("/state?names=back.*&datatype=FP64&framework=" + framework, type);
            assertThat(file.statusCode()).isEqualTo(200);
            client.send(
                            "POST",
                            "/layers/import?replace=true&name=there&framework=" + framework,
                            file.body(),
                            "Content-Type",
                            type)
                    .expect(200);
            Answer there = client.get("/layers/there.back.a.b").expect(200);
            assertThat(there.numbers("gamma")).containsExactly(0.1, 1e-300);
            assertThat(there.numbers("beta")).containsExactly(3, 4);
            assertThat(there.numbers("running_mean")).containsExactly(5, 6);
            assertThat(there.numbers("running_var")).containsExactly(7, 8);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "onnx, 'demo.scale demo.B demo.input_mean demo.input_var'",
        "mxnet, 'demo.gamma demo.beta demo.running_mean demo.running_var'",
        "keras, 'demo/moving_mean demo/moving_variance'",
        "paddle, 'demo._mean demo._variance'",
        "flax, 'batch_stats/demo/mean batch_stats/demo/var'"
    })
    void aGammaThatALayerDoesNotHaveIsWrittenWhereTheFrameworkNeedsOne(
            String framework, String names) throws Exception {
        client.delete("/layers/demo");
        client.post(
                        "/layers",
                        "{\"name\": \"demo\", \"scale\": false, \"shift\": false, \"features\": 2}")
                .expect(201);
        Message state = state(export("/state?names=demo&framework=" + framework, "*/*").body());
        assertThat(state.values().keySet()).containsExactly(names.split(" "));
        if (state.has("demo.scale")) {
            assertThat(state.requireTensor("demo.scale").toDoubles()).containsExactly(1, 1);
        }
    }

    @Test
    void roundingIsReportedAndMayBeRefused() throws Exception {
        String layer = client.layer("\"running_mean\": [0.1, 0.5]");
        HttpResponse<byte[]> rounded = export(layer + "/state?framework=pytorch", "*/*");
        assertThat(rounded.headers().firstValue("State-Exact")).hasValue("false");
        Tensor mean = state(rounded.body()).requireTensor("running_mean");
        assertThat(mean.dataType()).isEqualTo(DataType.FP32);
        assertThat(mean.at(0)).isEqualTo(0.1f);
        assertThat(client.get(layer + "/state?framework=pytorch&exact=true").detail())
                .contains("running_mean[0]")
                .contains("FP64");
        client.get(layer + "/state?framework=pytorch&exact=true").expectProblem(422, "not-exact");
        HttpResponse<byte[]> exact =
                export(layer + "/state?framework=pytorch&exact=true&datatype=FP64", "*/*");
        assertThat(exact.headers().firstValue("State-Exact")).hasValue("true");
        assertThat(state(exact.body()).requireTensor("running_mean").at(0)).isEqualTo(0.1);

        client.patch(layer, "{\"gamma\": [1e300, 1]}").expect(200);
        client.get(layer + "/state?framework=pytorch").expectProblem(422, "non-finite-result");
    }

    @Test
    void aNumpyArchiveOfPyTorchsStateIsReadTheSame() throws Exception {
        Checkpoint file =
                SafetensorsCodec.decode(new ByteArrayInputStream(pytorch()), new All(), LIMITS);
        ByteArrayOutputStream npz = new ByteArrayOutputStream();
        new NpzCodec().encode(file.state(), npz);
        JsonNode report =
                client.send(
                                "POST",
                                "/layers/import?framework=pytorch",
                                npz.toByteArray(),
                                "Content-Type",
                                "application/x-npz")
                        .expect(200)
                        .json();
        assertThat(report.get("layers")).hasSize(3);
        assertThat(report.get("skipped")).hasSize(7);
        assertThat(client.get("/layers/1").field("num_batches_tracked").intValue()).isEqualTo(7);
    }

    @Test
    void aFileOfAnotherFrameworkIsRecognized() throws IOException {
        Answer refused =
                importing("framework=keras", pytorch()).expectProblem(400, "invalid-request");
        assertThat(refused.detail()).contains("pytorch").contains("moving_mean");
    }

    @Test
    void tensorsOfALayerThatDoNotFitAreNamed() throws IOException {
        Message broken =
                state(pytorch()).with("1.running_mean", Tensor.of(Shape.of(3), new float[3]));
        assertThat(importing("framework=pytorch", file(broken)).expect(422).detail())
                .contains("1.running_")
                .contains("3")
                .contains("4");
        broken.with("1.running_mean", Tensor.of(Shape.of(4), 0, Float.NaN, 0, 0));
        assertThat(
                        importing("framework=pytorch", file(broken))
                                .expectProblem(422, "non-finite-value")
                                .detail())
                .contains("1.running_mean[1]");
        broken.with("1.running_mean", Tensor.of(Shape.of(2, 2), new float[4]));
        importing("framework=pytorch", file(broken)).expectProblem(422, "shape-mismatch");
        client.get("/layers/8").expectProblem(404, "layer-not-found");
    }

    private static byte[] file(Message state) throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        new SafetensorsCodec().encode(state, file);
        return file.toByteArray();
    }

    @Test
    void namesMayEndInAStar() throws Exception {
        for (String name : List.of("star", "star-a", "star.a", "star.b", "star0", "stb")) {
            client.post("/layers", "{\"name\": \"" + name + "\", \"features\": 1}");
        }
        Message state = state(export("/state?framework=onnx&names=star.*,stb", "*/*").body());
        assertThat(state.values().keySet().stream().map(name -> name.replaceFirst("[.][^.]+$", "")))
                .containsOnly("star.a", "star.b", "stb");
        client.get("/state?framework=onnx&names=nobody*").expectProblem(400, "invalid-request");
        client.get("/state?framework=onnx&names=nobody").expectProblem(404, "layer-not-found");
    }

    @Test
    void aLayerMayBeCalledImportOrState() throws IOException {
        for (String name : List.of("import", "state")) {
            client.delete("/layers/" + name);
            client.post("/layers", "{\"name\": \"" + name + "\", \"features\": 1}").expect(201);
            client.get("/layers/" + name).expect(200);
            client.get("/layers/" + name + "/state?framework=keras").expect(200);
            client.patch("/layers/" + name, "{\"gamma\": [2]}").expect(200);
            client.delete("/layers/" + name).expect(204);
        }
    }
}
