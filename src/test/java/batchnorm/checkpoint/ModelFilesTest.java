package batchnorm.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import batchnorm.checkpoint.ImportReport.FoundLayer;
import batchnorm.checkpoint.ImportReport.Note;
import batchnorm.checkpoint.ImportReport.Skipped;
import batchnorm.codec.Checkpoint;
import batchnorm.codec.Codec;
import batchnorm.codec.LayerSettings;
import batchnorm.codec.MalformedTensor;
import batchnorm.layer.Layer;
import batchnorm.layer.NewLayer;
import batchnorm.normalization.Affine;
import batchnorm.normalization.Config;
import batchnorm.normalization.Knob;
import batchnorm.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Reads files that the frameworks themselves wrote. `manifest.json` has the values of each layer
/// as the framework reports them.
class ModelFilesTest {
    private static final Codec.Limits LIMITS = new Codec.Limits(1 << 20, 32);
    private static final JsonNode MANIFEST =
            JsonMapper.shared().readTree(resource("manifest.json"));

    private static InputStream resource(String name) {
        return Objects.requireNonNull(
                ModelFilesTest.class.getResourceAsStream("/checkpoints/" + name));
    }

    private static final Import OPTIONS =
            new Import(
                    Naming.DETECTED,
                    framework -> framework.convention().config(),
                    Set.of(),
                    "model");

    private static Checkpoint read(String name) throws IOException {
        try (InputStream file = resource(name)) {
            return CheckpointFile.read(file, false, OPTIONS.selection(), LIMITS);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "state_dict.pth",
                "legacy.pth",
                "training.pth.tar",
                "compiled_half.pt",
                "model.keras",
                "model_legacy.h5"
            })
    void everyVectorHasTheBitsOfTheFramework(String name) throws IOException {
        Checkpoint checkpoint = read(name);
        ImportReport report = OPTIONS.find(checkpoint);
        JsonNode expected = MANIFEST.get(name).get("layers");
        assertThat(report.layers()).hasSize(expected.size());
        for (JsonNode layer : expected) {
            FoundLayer found = found(report, path(layer));
            assertThat(found.features()).isEqualTo(layer.get("features").intValue());
            JsonNode batches = layer.path("num_batches_tracked");
            assertThat(found.batches()).isEqualTo(batches.isNumber() ? batches.longValue() : 0);
            assertVectors(checkpoint, found, layer);
        }
    }

    private static String path(JsonNode layer) {
        return layer.get(layer.has("path") ? "path" : "name").stringValue();
    }

    private static void assertVectors(Checkpoint checkpoint, FoundLayer found, JsonNode expected) {
        for (String field : List.of("gamma", "beta", "running_mean", "running_var")) {
            if (expected.get(field).isNull()) {
                assertThat(found.tensors()).as(field).doesNotContainKey(field);
            } else {
                assertThat(vector(checkpoint, found.tensors().get(field)))
                        .as(field)
                        .containsExactly(numbers(expected.get(field)));
            }
        }
    }

    /// Files of Keras 3.15 that `keras_files.py` wrote: models and wrappers in a model, and the
    /// types of Keras.
    @ParameterizedTest
    @CsvSource({
        "nested.keras, nested, true",
        "nested.h5, nested, true",
        "subclassed.keras, subclassed, false",
        "float16.keras, float16, true",
        "float64.keras, float64, true"
    })
    void layersOfKerasAreFoundWhereverTheyAre(String name, String model, boolean isConfigured)
            throws IOException {
        Checkpoint checkpoint = read("keras/" + name);
        ImportReport report = OPTIONS.find(checkpoint);
        JsonNode expected = JsonMapper.shared().readTree(resource("keras/keras.json")).get(model);
        assertThat(report.framework()).isEqualTo(Framework.KERAS);
        assertThat(report.layers()).hasSize(expected.size());
        for (JsonNode layer : expected) {
            FoundLayer found = found(report, path(layer));
            assertVectors(checkpoint, found, layer);
            if (isConfigured) {
                Config config = found.layer().config();
                assertThat(config.epsilon()).isEqualTo(layer.get("epsilon").doubleValue());
                assertThat(config.momentum().value())
                        .isEqualTo(layer.get("momentum").doubleValue());
                assertThat(config.channels().axis()).isEqualTo(layer.get("axis").intValue());
            }
        }
        assertThat(report.assumed())
                .extracting(Note::what)
                .doesNotContain("framework")
                .satisfies(assumed ->
                        assertThat(assumed.contains("epsilon")).isEqualTo(!isConfigured));
    }

    @Test
    void variablesOfBfloat16AreRejectedWithTheRemedy() {
        assertThatThrownBy(() -> read("keras/bfloat16.keras"))
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining("layers/batch_normalization/vars/0")
                .hasMessageContaining("bfloat16; save the variables as float32");
    }

    /// `bn2` has no gamma and `bn3` no beta, which the file does not state.
    @Test
    void weightsWithoutAConfigurationAreNotGuessed() throws IOException {
        Checkpoint checkpoint = read("model.weights.h5");
        ImportReport report = OPTIONS.find(checkpoint);
        assertThat(report.layers()).hasSize(1);
        assertVectors(
                checkpoint,
                found(report, "bn1"),
                MANIFEST.get("model.weights.h5").get("layers").get(0));
        assertThat(report.assumed())
                .extracting(Note::what)
                .contains("epsilon", "tensors", "skipped");
        assertThat(report.skipped())
                .filteredOn(skipped -> skipped.why().equals(ImportPlan.AMBIGUOUS))
                .extracting(Skipped::tensor)
                .containsExactlyInAnyOrder(
                        "bn2/vars/0",
                        "bn2/vars/1",
                        "bn2/vars/2",
                        "bn3/vars/0",
                        "bn3/vars/1",
                        "bn3/vars/2");
    }

    @ParameterizedTest
    @CsvSource({"GAMMA, bn2, 1", "BETA, bn3, 2"})
    void weightsWithoutAConfigurationAreReadAsTheCallerSays(
            Naming.Parameter without, String path, int place) throws IOException {
        Import options =
                new Import(
                        new Naming(null, "", without),
                        framework -> framework.convention().config(),
                        Set.of(),
                        "model");
        Checkpoint checkpoint = read("model.weights.h5");
        ImportReport report = options.find(checkpoint);
        assertThat(report.layers()).hasSize(3);
        assertVectors(
                checkpoint,
                found(report, path),
                MANIFEST.get("model.weights.h5").get("layers").get(place));
    }

    @Test
    void weightsOfAListOfKerasNameALayerWithoutParameters() throws IOException {
        Checkpoint checkpoint = read("keras/nested.weights.h5");
        FoundLayer found = found(OPTIONS.find(checkpoint), "batch_normalization_5");
        assertThat(found.tensors()).containsOnlyKeys("running_mean", "running_var");
    }

    /// Against the inference of the framework in FP32, whose outputs are below 10.
    @ParameterizedTest
    @CsvSource({
        "model.keras, probe",
        "model_legacy.h5, probe",
        "state_dict.pth, probe_with_epsilon_of_the_model"
    })
    void aLayerInfersAsTheFrameworkDoes(String name, String probe) throws IOException {
        ImportReport report = OPTIONS.find(read(name));
        for (JsonNode expected : MANIFEST.get(name).get("layers")) {
            NewLayer found = found(report, path(expected)).layer();
            double epsilon = expected.path("epsilon_of_the_model").doubleValue(-1);
            Affine map =
                    Layer.create(
                                    found.name(),
                                    epsilon < 0
                                            ? found.config()
                                            : found.config().with(Knob.EPSILON, epsilon),
                                    found.revision(),
                                    Instant.EPOCH)
                            .affine();
            JsonNode x = expected.get(probe).get("x");
            for (int row = 0; row < x.size(); row++) {
                double[] y = numbers(expected.get(probe).get("y").get(row));
                for (int c = 0; c < y.length; c++) {
                    double input = x.get(row).get(c).doubleValue();
                    assertThat(map.scale()[c] * input + map.shift()[c])
                            .isEqualTo(y[c], within(1e-5));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"conv_bn.onnx", "conv_transpose_bn.onnx", "gemm_bn.onnx", "bn_first.onnx"})
    void everyNodeOfAnOnnxModelIsALayer(String name) throws IOException {
        Checkpoint checkpoint = read(name);
        ImportReport report = OPTIONS.find(checkpoint);
        assertThat(report.framework()).isEqualTo(Framework.ONNX);
        JsonNode expected = MANIFEST.get(name).get("layers");
        assertThat(report.layers()).hasSize(expected.size());
        for (JsonNode layer : expected) {
            String node = layer.get("node").stringValue();
            FoundLayer found = found(report, node);
            for (String field : List.of("gamma", "beta", "running_mean", "running_var")) {
                assertThat(vector(checkpoint, found.tensors().get(field)))
                        .as(field)
                        .containsExactly(numbers(layer.get(field)));
            }
            assertThat(checkpoint.settings())
                    .containsEntry(
                            node,
                            new LayerSettings(
                                    layer.get("epsilon").doubleValue(),
                                    layer.get("momentum").doubleValue(),
                                    1));
        }
    }

    private static FoundLayer found(ImportReport report, String path) {
        return report.layers().stream()
                .filter(layer -> layer.path().equals(path))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no layer " + path));
    }

    private static double[] vector(Checkpoint checkpoint, @Nullable String tensor) {
        return ((Tensor) Objects.requireNonNull(checkpoint.state().values().get(tensor)))
                .toDoubles();
    }

    private static double[] numbers(JsonNode array) {
        return array.valueStream().mapToDouble(JsonNode::doubleValue).toArray();
    }

    @ParameterizedTest
    @CsvSource({
        "evil.pth, __builtin__.print",
        "whole_module.pt, __main__.Tiny",
    })
    void aPickleThatNeedsCodeIsRefused(String name, String global) {
        assertThatThrownBy(() -> read(name))
                .isInstanceOf(MalformedTensor.class)
                .hasMessageContaining(global)
                .hasMessageContaining("model.state_dict()");
    }
}
