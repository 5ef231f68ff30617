package batchnorm.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.checkpoint.ImportReport.Note;
import batchnorm.codec.Checkpoint;
import batchnorm.codec.FileFormat;
import batchnorm.codec.LayerSettings;
import batchnorm.codec.MalformedTensor;
import batchnorm.codec.Message;
import batchnorm.normalization.Config;
import batchnorm.normalization.Convention;
import batchnorm.normalization.Knob;
import batchnorm.normalization.Knob.MomentumMeaning;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// A file of two layers of Keras, `a/one` and `a/two`, with settings of its own.
class FileSettingsTest {
    private static final LayerSettings ONE = new LayerSettings(0.25, 0.75, 3);
    private static final LayerSettings TWO = new LayerSettings(0.5, 0.875, 1);

    private static ImportReport imported(
            Config base, Set<Knob> named, String prefix, Map<String, LayerSettings> settings) {
        Message state = new Message();
        for (String path : List.of("a/one/", "a/two/")) {
            state.with(path + "moving_mean", Tensor.of(Shape.of(1), 0.0));
            state.with(path + "moving_variance", Tensor.of(Shape.of(1), 1.0));
        }
        Checkpoint checkpoint =
                new Checkpoint(FileFormat.NPZ, state, List.of(), Map.of(), settings);
        return new Import(new Naming(Framework.KERAS, prefix, null), _ -> base, named, "")
                .find(checkpoint);
    }

    private static Config knobs(ImportReport report, String name) {
        return report.newLayers().stream()
                .filter(layer -> layer.name().value().equals(name))
                .findFirst()
                .orElseThrow()
                .config();
    }

    private static List<String> assumed(ImportReport report) {
        return report.assumed().stream().map(Note::what).toList();
    }

    @Test
    void everyLayerTakesItsOwnSettingsAndNothingIsAssumedAboutThem() {
        ImportReport report =
                imported(
                        Convention.KERAS.config(),
                        Set.of(),
                        "",
                        Map.of("a/one", ONE, "a/two", TWO));
        assertThat(knobs(report, "a.one").epsilon()).isEqualTo(0.25);
        assertThat(knobs(report, "a.one").momentum().value()).isEqualTo(0.75);
        assertThat(knobs(report, "a.one").channels().axis()).isEqualTo(3);
        assertThat(knobs(report, "a.two").epsilon()).isEqualTo(0.5);
        assertThat(assumed(report)).doesNotContain("epsilon", "momentum", "channel_axis");
    }

    @Test
    void theSettingsOfAPathAreFoundBehindAPrefix() {
        ImportReport report =
                imported(Convention.KERAS.config(), Set.of(), "a/", Map.of("a/one", ONE));
        assertThat(knobs(report, "one").epsilon()).isEqualTo(0.25);
    }

    @Test
    void whatOneLayerDoesNotStateIsStillAssumed() {
        ImportReport report =
                imported(
                        Convention.KERAS.config(),
                        Set.of(),
                        "",
                        Map.of("a/one", ONE, "a/two", new LayerSettings(0.5, null, null)));
        assertThat(knobs(report, "a.two").momentum().value()).isEqualTo(0.99);
        assertThat(assumed(report)).contains("momentum", "channel_axis").doesNotContain("epsilon");
    }

    @Test
    void aKnobThatTheCallerNamesIsKept() {
        Map<Knob, @Nullable Object> given = new HashMap<>();
        given.put(Knob.EPSILON, 0.125);
        given.put(Knob.MOMENTUM, null);
        ImportReport report =
                imported(
                        Convention.KERAS.config().with(given),
                        given.keySet(),
                        "",
                        Map.of("a/one", ONE, "a/two", TWO));
        Config one = knobs(report, "a.one");
        assertThat(one.epsilon()).isEqualTo(0.125);
        assertThat(one.momentum().value()).isNull();
        assertThat(one.channels().axis()).isEqualTo(3);
    }

    @Test
    void aMomentumIsTranslatedIntoTheDirectionOfTheConvention() {
        ImportReport report =
                imported(
                        Convention.PYTORCH.config(),
                        Set.of(Knob.CONVENTION),
                        "",
                        Map.of("a/one", ONE));
        Config one = knobs(report, "a.one");
        assertThat(one.momentum().meaning()).isEqualTo(MomentumMeaning.NEW_WEIGHT);
        assertThat(one.momentum().value()).isEqualTo(0.25);
        assertThat(one.alpha(1)).isEqualTo(0.25);
    }

    @Test
    void anInvalidSettingIsNamedWithItsLayer() {
        assertThatThrownBy(() ->
                        imported(
                                Convention.KERAS.config(),
                                Set.of(),
                                "",
                                Map.of("a/one", new LayerSettings(-1.0, null, null))))
                .isInstanceOf(MalformedTensor.class)
                .hasMessage("layer \"a/one\" of the file: epsilon is -1.0; it must be 0 or more");
    }
}
