package batchnorm.service.checkpoints;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Inspects files that the frameworks themselves wrote; `manifest.json` has their values.
@ExtendWith(ServiceUnderTest.Shared.class)
class InspectionOverHttpTest {
    private static final String RAW = "application/octet-stream";
    private final Client client;

    InspectionOverHttpTest(Client client) {
        this.client = client;
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream file =
                Objects.requireNonNull(
                        InspectionOverHttpTest.class.getResourceAsStream("/checkpoints/" + name))) {
            return file.readAllBytes();
        }
    }

    private Answer inspecting(String query, byte[] file, String type) throws IOException {
        return client.send("POST", "/checkpoints/inspect" + query, file, "Content-Type", type);
    }

    @ParameterizedTest
    @CsvSource({
        "state_dict.pth, pytorch, pytorch",
        "legacy.pth, pytorch-legacy, pytorch",
        "training.pth.tar, pytorch, pytorch",
        "compiled_half.pt, pytorch, pytorch",
        "model.keras, keras, keras",
        "model_legacy.h5, keras-legacy, keras",
        "flax.npz, npz, flax",
        "flax.safetensors, safetensors, flax"
    })
    void everyFileOfTheManifestShowsItsLayers(String name, String format, String framework)
            throws IOException {
        JsonNode found = inspecting("?vectors=true", resource(name), RAW).expect(200).json();
        assertThat(found.get("format").stringValue()).isEqualTo(format);
        assertThat(found.get("framework").stringValue()).isEqualTo(framework);
        JsonNode expected =
                JsonMapper.shared().readTree(resource("manifest.json")).get(name).get("layers");
        assertThat(found.get("layers")).hasSize(expected.size());
        for (JsonNode layer : expected) {
            String path = layer.get(layer.has("path") ? "path" : "name").stringValue();
            JsonNode actual =
                    found.get("layers")
                            .valueStream()
                            .filter(each -> each.get("path").stringValue().equals(path))
                            .findFirst()
                            .orElseThrow(() -> new AssertionError("no layer " + path));
            for (String vector : new String[] {"gamma", "beta", "running_mean", "running_var"}) {
                assertThat(actual.has(vector + "_summary")).isEqualTo(actual.has(vector));
                if (layer.path(vector).isArray()) {
                    assertThat(Answer.numbers(actual.get(vector)))
                            .containsExactly(Answer.numbers(layer.get(vector)));
                }
            }
            for (String knob : new String[] {"epsilon", "momentum", "axis"}) {
                if (layer.has(knob) && format.startsWith("keras")) {
                    assertThat(actual.get(knob).doubleValue())
                            .isEqualTo(layer.get(knob).doubleValue());
                }
            }
        }
    }

    @Test
    void theVectorsAreLeftOutUnlessWanted() throws IOException {
        JsonNode layer =
                inspecting("", resource("compiled_half.pt"), RAW)
                        .expect(200)
                        .json()
                        .at("/layers/0");
        assertThat(layer.has("gamma")).isFalse();
        assertThat(layer.get("datatype").stringValue()).isEqualTo("FP16");
        assertThat(layer.at("/gamma_summary/datatype").stringValue()).isEqualTo("FP16");
        assertThat(layer.at("/gamma_summary/non_finite").intValue()).isZero();
        assertThat(layer.at("/gamma_summary/min").doubleValue())
                .isLessThanOrEqualTo(layer.at("/gamma_summary/max").doubleValue());
    }

    @Test
    void aFileThatAnImportRejectsIsShownWithItsWarnings() throws IOException {
        byte[] file =
                new SafetensorsFile()
                        .with("bn.running_mean", 0, Float.NaN)
                        .with("bn.running_var", -1, 1)
                        .bytes();
        client.send("POST", "/layers/import", file).expectProblem(422, "non-finite-value");
        JsonNode layer =
                inspecting("?vectors=true", file, "application/vnd.safetensors")
                        .expect(200)
                        .json()
                        .at("/layers/0");
        assertThat(layer.get("warnings").valueStream().map(each -> each.get("code").stringValue()))
                .containsExactly("non-finite", "negative-variance", "variance-not-positive");
        assertThat(layer.at("/warnings/0/detail").stringValue()).contains("running_mean[1] is NaN");
        assertThat(layer.at("/running_mean/1").stringValue()).isEqualTo("NaN");
        assertThat(layer.at("/running_mean_summary/non_finite").intValue()).isOne();
    }

    /// Each vector is compared as exact binary64.
    @Test
    void aStateDictOfPytorchLeavesAsSafetensorsWithTheSameBits() throws IOException {
        byte[] file = resource("state_dict.pth");
        client.send("POST", "/layers/import?name=same-bits&replace=true", file, "Content-Type", RAW)
                .expect(200);
        byte[] exported;
        try (InputStream response =
                client.root()
                        .resolve("/api/v1/state?framework=pytorch&names=same-bits.*")
                        .toURL()
                        .openStream()) {
            exported = response.readAllBytes();
        }
        JsonNode before = inspecting("?vectors=true", file, RAW).expect(200).json().get("layers");
        JsonNode after =
                inspecting("?vectors=true&prefix=same-bits.", exported, RAW)
                        .expect(200)
                        .json()
                        .get("layers");
        assertThat(after).hasSizeGreaterThan(1).isEqualTo(before);
    }

    @Test
    void anInspectionCreatesNothing() throws IOException {
        String before = client.get("/layers?limit=1000").expect(200).body();
        inspecting("", resource("state_dict.pth"), RAW).expect(200);
        assertThat(client.get("/layers?limit=1000").expect(200).body()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"evil.pth", "keras/cycle.weights.h5"})
    void aFileThatIsNotReadIsRejectedAsByAnImport(String name) throws IOException {
        byte[] file = resource(name);
        assertThat(inspecting("", file, RAW).expectProblem(400, "malformed-tensor").detail())
                .isEqualTo(
                        client.send("POST", "/layers/import", file, "Content-Type", RAW)
                                .expectProblem(400, "malformed-tensor")
                                .detail());
    }

    @Test
    void aPrefixSelectsLayersAndAFrameworkReadsTheNames() throws IOException {
        JsonNode found =
                inspecting("?framework=tensorflow-1&prefix=bn2", resource("model_legacy.h5"), RAW)
                        .expect(200)
                        .json();
        assertThat(found.get("layers")).hasSize(1);
        assertThat(found.get("framework").stringValue()).isEqualTo("tensorflow-1");
        assertThat(found.get("detected").isNull()).isTrue();
        inspecting("?frame=x", resource("flax.npz"), RAW).expectProblem(400, "invalid-request");
    }
}
