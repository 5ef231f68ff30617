package batchnorm.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.checkpoint.ImportReport.FoundLayer;
import batchnorm.codec.Checkpoint;
import batchnorm.codec.Codec;
import batchnorm.codec.MalformedTensor;
import batchnorm.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
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
            new Import(null, framework -> framework.convention().config(), Set.of(), "", "model");

    private static Checkpoint read(String name) throws IOException {
        try (InputStream file = resource(name)) {
            return CheckpointFile.read(file, false, OPTIONS.selection(), LIMITS);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"state_dict.pth", "legacy.pth", "training.pth.tar", "compiled_half.pt"})
    void everyVectorHasTheBitsOfTheFramework(String name) throws IOException {
        Checkpoint checkpoint = read(name);
        ImportReport report = OPTIONS.find(checkpoint);
        JsonNode expected = MANIFEST.get(name).get("layers");
        assertThat(report.layers()).hasSize(expected.size());
        for (JsonNode layer : expected) {
            FoundLayer found = found(report, layer.get("path").stringValue());
            assertThat(found.features()).isEqualTo(layer.get("features").intValue());
            assertThat(found.batches()).isEqualTo(layer.get("num_batches_tracked").longValue());
            for (String field : List.of("gamma", "beta", "running_mean", "running_var")) {
                assertThat(vector(checkpoint, found.tensors().get(field)))
                        .as(field)
                        .containsExactly(numbers(layer.get(field)));
            }
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
