package batchnorm.layer;

import static batchnorm.layer.Registry.NAME;
import static batchnorm.layer.Registry.PYTORCH;
import static batchnorm.layer.Registry.START;
import static batchnorm.layer.Registry.features;
import static batchnorm.layer.Registry.unchanged;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.fixtures.Configs;
import batchnorm.layer.LayerPatch.Vector;
import batchnorm.normalization.Config;
import batchnorm.normalization.Convention;
import batchnorm.normalization.InvalidConfig;
import batchnorm.normalization.Knob;
import batchnorm.normalization.NonFiniteValue;
import batchnorm.normalization.Parameters;
import batchnorm.normalization.RunningStatistics;
import batchnorm.normalization.Variant;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class LayerPatchTest {
    private static final double[] VALUES = {5, 6};

    private static Layer layer(Config config, LayerPatch revision) {
        return Layer.create(NAME, config, revision, START);
    }

    private static Layer revised(Layer layer, LayerPatch revision) {
        return layer.revised(revision, START);
    }

    @ParameterizedTest
    @EnumSource
    void setsOneVectorAndLeavesTheOthers(Vector vector) {
        Layer layer = revised(layer(PYTORCH, features(2)), unchanged().with(vector, VALUES));
        for (Vector each : Vector.values()) {
            double initial = each == Vector.GAMMA || each == Vector.RUNNING_VAR ? 1 : 0;
            assertThat(values(layer, each))
                    .as(each.field())
                    .containsExactly(each == vector ? VALUES : new double[] {initial, initial});
        }
        assertThat(layer.version()).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource
    void putsAVectorBackToItsInitialValue(Vector vector) {
        Layer layer = layer(PYTORCH, unchanged().with(vector, VALUES));
        Layer again = revised(layer, unchanged().with(vector, null));
        assertThat(values(again, vector)).isEqualTo(values(layer(PYTORCH, features(2)), vector));
    }

    @Test
    void decidesTheFeaturesByItsVectors() {
        assertThat(layer(PYTORCH, unchanged().with(Vector.BETA, VALUES)).features()).isEqualTo(2);
        assertThat(layer(PYTORCH, unchanged().with(Vector.BETA, null)).features()).isNull();
        assertThatThrownBy(() -> layer(PYTORCH, features(3).with(Vector.BETA, VALUES)))
                .isInstanceOf(InvalidConfig.class)
                .hasMessage("beta has 2 values, but features is 3");
        Layer two = layer(PYTORCH, features(2));
        assertThatThrownBy(() -> revised(two, unchanged().with(Vector.GAMMA, new double[3])))
                .isInstanceOf(InvalidConfig.class)
                .hasMessage("gamma has 3 values, but features is 2");
        assertThat(revised(two, features(3)).features()).as("what is decided stays").isEqualTo(2);
    }

    @Test
    void continuesACountOfBatches() {
        Layer layer = layer(PYTORCH, features(2).withBatches(7L));
        assertThat(layer.batches()).isEqualTo(7);
        assertThat(revised(layer, unchanged()).batches()).isEqualTo(7);
        assertThat(revised(layer, unchanged().withBatches(0L)).batches()).isZero();
        assertThatThrownBy(() -> revised(layer, unchanged().withBatches(-1L)))
                .isInstanceOf(InvalidConfig.class)
                .hasMessage("num_batches_tracked is -1; it must be 0 or more");
    }

    @ParameterizedTest
    @EnumSource
    void refusesWhatIsNotFinite(Vector vector) {
        double[] spoiled = {1, Double.NaN};
        assertThatThrownBy(() -> layer(PYTORCH, unchanged().with(vector, spoiled)))
                .isInstanceOf(NonFiniteValue.class)
                .hasMessage(vector.field() + "[1] is NaN; it must be finite");
    }

    @Test
    void takesStatisticsThatAreNotFiniteWhereTheyMaySpread() {
        Config propagating = Configs.propagating();
        double[] spoiled = {1, Double.NaN};
        for (Vector vector : new Vector[] {Vector.RUNNING_MEAN, Vector.RUNNING_VAR}) {
            Layer layer = layer(propagating, unchanged().with(vector, spoiled));
            assertThat(values(layer, vector)).containsExactly(spoiled);
        }
        for (Vector vector : new Vector[] {Vector.GAMMA, Vector.BETA}) {
            assertThatThrownBy(() -> layer(propagating, unchanged().with(vector, spoiled)))
                    .isInstanceOf(NonFiniteValue.class);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "GAMMA, scale",
        "BETA, shift",
        "RUNNING_MEAN, track_running_stats",
        "RUNNING_VAR, track_running_stats"
    })
    void refusesAVectorThatTheLayerDoesNotHave(Vector vector, String knob) {
        Config bare =
                Convention.PURE_PYTHON.config().with(Map.of(Knob.SCALE, false, Knob.SHIFT, false));
        assertThatThrownBy(() -> layer(bare, unchanged().with(vector, VALUES)))
                .isInstanceOf(InvalidConfig.class)
                .hasMessage(
                        vector.field() + " has no place in a layer with \"" + knob + "\": false");
        assertThat(layer(bare, features(2).with(vector, null)).version())
                .as("it has the initial value: none")
                .isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "GAMMA, freeze_parameters",
        "BETA, freeze_parameters",
        "RUNNING_MEAN, freeze_statistics",
        "RUNNING_VAR, freeze_statistics"
    })
    void refusesWhatIsFrozenAndStaysSo(Vector vector, String knob) {
        boolean statistics = knob.equals("freeze_statistics");
        Variant frozen = new Variant(statistics, !statistics, 0, null, null);
        Variant other = new Variant(!statistics, statistics, 0, null, null);
        LayerPatch change = unchanged().with(vector, VALUES);
        assertThatThrownBy(() -> revised(layer(PYTORCH.with(frozen), features(2)), change))
                .isInstanceOf(LayerFrozen.class)
                .hasMessage(
                        vector.field()
                                + " is frozen; set \""
                                + knob
                                + "\" to false first, or in the same patch");
        assertThat(values(revised(layer(PYTORCH.with(other), features(2)), change), vector))
                .isEqualTo(VALUES);
    }

    @Test
    void changesWhatItThawsOrFreezes() {
        Variant frozen = new Variant(true, true, 0, null, null);
        Layer layer = layer(PYTORCH.with(frozen), features(2));
        LayerPatch thawing =
                new LayerPatch(config -> config.with(Variant.PLAIN))
                        .with(Vector.GAMMA, VALUES)
                        .with(Vector.RUNNING_MEAN, VALUES)
                        .withBatches(3L);
        assertThat(revised(layer, thawing).batches()).isEqualTo(3);
        LayerPatch freezing =
                new LayerPatch(config -> config.with(frozen))
                        .with(Vector.GAMMA, VALUES)
                        .with(Vector.RUNNING_MEAN, VALUES)
                        .withBatches(3L);
        assertThat(revised(layer(PYTORCH, features(2)), freezing).batches()).isEqualTo(3);
        assertThatThrownBy(() -> revised(layer, unchanged().withBatches(3L)))
                .isInstanceOf(LayerFrozen.class)
                .hasMessageContaining("num_batches_tracked is frozen");
    }

    private static double[] values(Layer layer, Vector vector) {
        Parameters parameters = Objects.requireNonNull(layer.parameters());
        RunningStatistics running = Objects.requireNonNull(layer.running());
        return Objects.requireNonNull(
                switch (vector) {
                    case GAMMA -> parameters.gamma();
                    case BETA -> parameters.beta();
                    case RUNNING_MEAN -> running.mean();
                    case RUNNING_VAR -> running.variance();
                });
    }
}
