package batchnorm.layer;

import static batchnorm.layer.Registry.NAME;
import static batchnorm.layer.Registry.PYTORCH;
import static batchnorm.layer.Registry.START;
import static batchnorm.layer.Registry.features;
import static batchnorm.layer.Registry.unchanged;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import batchnorm.fixtures.Configs;
import batchnorm.layer.LayerPatch.Vector;
import batchnorm.normalization.BatchStatistics;
import batchnorm.normalization.Config;
import batchnorm.normalization.Convention;
import batchnorm.normalization.InvalidConfig;
import batchnorm.normalization.Knob;
import batchnorm.normalization.NonFiniteResult;
import batchnorm.normalization.Parameters;
import batchnorm.normalization.RunningStatistics;
import batchnorm.normalization.ShapeMismatch;
import batchnorm.normalization.Variant;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class LayerTest {
    private static final Instant LATER = START.plusSeconds(1);
    private static final Variant FROZEN = new Variant(true, true, 0, null, null);
    private static final BatchStatistics EMPTY =
            new BatchStatistics(0, new double[2], new double[2]);
    private static final BatchStatistics BATCH =
            new BatchStatistics(2, new double[] {10, 20}, new double[] {1, 2});

    private static Layer layer(Config config, LayerPatch revision) {
        return Layer.create(NAME, config, revision, START);
    }

    @Test
    void hasATagOfItsIncarnationAndVersion() {
        Layer layer = layer(PYTORCH, unchanged());
        assertThat(layer.tag()).isEqualTo(layer.incarnation() + "-1");
        assertThat(layer.incarnation()).matches("[0-9a-f]{12}");
        assertThat(layer.reset(LATER).tag()).isEqualTo(layer.incarnation() + "-2");
    }

    @Test
    void isNotTheOneThatHadItsNameBefore() {
        assertThat(layer(PYTORCH, unchanged()).incarnation())
                .isNotEqualTo(layer(PYTORCH, unchanged()).incarnation());
    }

    @Test
    void hasOneFeatureOrMore() {
        assertThat(layer(PYTORCH, features(1)).features()).isEqualTo(1);
        assertThatThrownBy(() -> layer(PYTORCH, features(0)))
                .isInstanceOf(InvalidConfig.class)
                .hasMessage("features is 0; it must be 1 or more");
    }

    @Test
    void hasAsManyFeaturesAsItsVectorsMayTake() {
        Config withoutVectors =
                Convention.PURE_PYTHON.config().with(Map.of(Knob.SCALE, false, Knob.SHIFT, false));
        Layer layer = layer(withoutVectors, features(Layer.MAX_FEATURES));
        assertThat(layer.features()).isEqualTo(Layer.MAX_FEATURES);
        assertThatThrownBy(() -> layer(withoutVectors, features(Layer.MAX_FEATURES + 1)))
                .isInstanceOf(InvalidConfig.class)
                .hasMessageContaining("at most 4194304");
    }

    @Test
    void keepsItsFeatures() {
        Layer layer = layer(PYTORCH, features(2));
        assertThat(layer.withFeatures(2, "input")).isSameAs(layer);
        assertThatThrownBy(() -> layer.withFeatures(3, "input"))
                .isInstanceOf(ShapeMismatch.class)
                .hasMessage("input has 3 channels (axis 1), but layer \"demo\" has 2 features");
    }

    @Test
    void infersWithItsRunningStatistics() {
        Layer layer =
                layer(
                        PYTORCH,
                        unchanged()
                                .with(Vector.RUNNING_MEAN, new double[] {3, 4})
                                .with(Vector.RUNNING_VAR, new double[] {4 - 1e-5, 1}));
        assertThat(layer.affine().scale()[0]).isCloseTo(0.5, within(1e-15));
        assertThat(layer.affine().shift()[0]).isCloseTo(-1.5, within(1e-15));
    }

    @Test
    void doesNotInferWithoutStatistics() {
        assertThatThrownBy(layer(PYTORCH, unchanged())::affine)
                .isInstanceOf(InvalidConfig.class)
                .hasMessageContaining("has no features yet");
        assertThatThrownBy(layer(Convention.PURE_PYTHON.config(), features(2))::affine)
                .isInstanceOf(InvalidConfig.class)
                .hasMessageContaining("keeps no running statistics");
        assertThatThrownBy(
                        layer(
                                        PYTORCH,
                                        unchanged()
                                                .withAnyVariance()
                                                .with(Vector.RUNNING_VAR, new double[] {-1}))
                                ::affine)
                .isInstanceOf(NonFiniteResult.class);
    }

    @Test
    void learnsFromABatchWhatItsFeaturesAre() {
        Layer layer = layer(PYTORCH, unchanged());
        Layer trained = layer.trained(BATCH, LATER);
        assertThat(trained.features()).isEqualTo(2);
        assertThat(trained.version()).isEqualTo(2);
        assertThat(trained.batches()).isEqualTo(1);
        assertThat(trained.updatedAt()).isEqualTo(LATER);
        assertThat(trained.createdAt()).isEqualTo(START);
        assertThat(running(trained).mean()).containsExactly(1, 2);
    }

    @Test
    void learnsNothingFromAnEmptyBatch() {
        Layer layer = layer(PYTORCH, unchanged());
        assertThat(layer.trained(EMPTY, LATER)).isSameAs(layer);
        assertThat(layer.learnsFrom(List.of(EMPTY))).isFalse();
        Layer trained = layer.trained(List.of(BATCH, EMPTY), LATER);
        assertThat(trained.batches()).isEqualTo(1);
        assertThat(layer.learnsFrom(List.of(EMPTY, BATCH))).isTrue();
    }

    @Test
    void learnsNothingButItsFeaturesWhereItTracksNothing() {
        Layer layer = layer(Convention.PURE_PYTHON.config(), unchanged());
        Layer trained = layer.trained(BATCH, LATER);
        assertThat(trained.version()).isEqualTo(2);
        assertThat(trained.trained(BATCH, LATER)).isSameAs(trained);
        assertThat(trained.batches()).isZero();
    }

    @Test
    void learnsNothingWhileItsStatisticsAreFrozen() {
        Layer layer = layer(PYTORCH.with(FROZEN), features(2));
        assertThat(layer.trained(BATCH, LATER)).isSameAs(layer);
        Layer unsized = layer(PYTORCH.with(FROZEN), unchanged());
        Layer sized = unsized.trained(BATCH, LATER);
        assertThat(sized.version()).as("it learned its features").isEqualTo(2);
        assertThat(running(sized).mean()).containsExactly(0, 0);
    }

    @Test
    void weighsTheLastOfTheBatchesThatCome() {
        Layer layer = layer(Configs.withMomentum(null), features(2)).trained(BATCH, LATER);
        assertThat(layer.alpha(List.of(BATCH))).isEqualTo(1.0 / 2);
        assertThat(layer.alpha(List.of(BATCH, BATCH, EMPTY))).isEqualTo(1.0 / 3);
        assertThat(layer.alpha(List.of(EMPTY))).isZero();
        assertThat(layer(PYTORCH.with(FROZEN), features(2)).alpha(List.of(BATCH))).isZero();
    }

    @Test
    void forgetsItsStatisticsAndNothingElse() {
        Layer layer =
                layer(PYTORCH, unchanged().with(Vector.GAMMA, new double[] {5, 6}))
                        .trained(BATCH, LATER);
        Layer reset = layer.reset(LATER);
        assertThat(reset.version()).isEqualTo(3);
        assertThat(reset.batches()).isZero();
        assertThat(running(reset).mean()).containsExactly(0, 0);
        assertThat(reset.parameters()).isSameAs(layer.parameters());
        assertThat(layer(Convention.PURE_PYTHON.config(), features(2)).reset(LATER).running())
                .isNull();
        assertThat(layer(PYTORCH, unchanged()).reset(LATER).running()).isNull();
    }

    @Test
    void keepsWhatIsFrozen() {
        Layer frozen = layer(PYTORCH.with(FROZEN), features(2));
        assertThatThrownBy(() -> frozen.reset(LATER))
                .isInstanceOfSatisfying(
                        LayerFrozen.class,
                        refused -> assertThat(refused.field()).isEqualTo("running_mean"));
        Parameters others = new Parameters(new double[] {5, 6}, new double[2]);
        assertThatThrownBy(() -> frozen.withParameters(others, LATER))
                .isInstanceOf(LayerFrozen.class)
                .hasMessageContaining("\"freeze_parameters\" to false");
        Layer thawed = layer(PYTORCH, features(2));
        assertThat(thawed.withParameters(others, LATER).parameters()).isSameAs(others);
    }

    @Test
    void isRestoredAsItsNextVersion() {
        Layer kept = layer(PYTORCH, features(2));
        Layer now = kept.trained(BATCH, LATER).trained(BATCH, LATER);
        Layer restored = now.restored(kept, LATER);
        assertThat(restored.version()).isEqualTo(4);
        assertThat(restored.running()).isSameAs(kept.running());
        assertThat(restored.updatedAt()).isEqualTo(LATER);
    }

    @Test
    void trainsLikeAnotherVersionUnlessKnobsOrParametersDiffer() {
        Layer layer = layer(PYTORCH, features(2));
        Layer trained = layer.trained(BATCH, LATER);
        assertThat(layer.trainsLike(trained)).as("other statistics").isTrue();
        assertThat(layer.trainsLike(layer(PYTORCH, features(2)))).as("another layer").isFalse();
        assertThat(layer.trainsLike(revised(layer, Vector.GAMMA, 1, 1))).isTrue();
        assertThat(layer.trainsLike(revised(layer, Vector.GAMMA, 1, 2))).isFalse();
        assertThat(layer.trainsLike(revised(layer, Vector.BETA, 0, 2))).isFalse();
        LayerPatch knobs = new LayerPatch(config -> config.with(Knob.SCALE, false));
        assertThat(layer.trainsLike(layer.revised(knobs, LATER))).isFalse();
        Layer unsized = layer(PYTORCH, unchanged());
        assertThat(unsized.trainsLike(unsized.withFeatures(2, "input"))).isFalse();
        assertThat(unsized.withFeatures(2, "input").trainsLike(unsized)).isFalse();
    }

    @Test
    void trainsLikeAnotherVersionWithItsStatisticsWhereItIsNormalizedWithThem() {
        Variant statistics = new Variant(true, false, 0, null, null);
        Layer layer = layer(PYTORCH.with(statistics), features(2));
        assertThat(layer.trainsLike(layer.revised(unchanged(), LATER))).isTrue();
        Layer moved =
                layer.next(
                        layer.parameters(),
                        new RunningStatistics(new double[] {1, 0}, new double[] {1, 1}, 0),
                        LATER);
        assertThat(layer.trainsLike(moved)).isFalse();
        Layer same =
                layer.next(
                        layer.parameters(),
                        new RunningStatistics(new double[] {0, 0}, new double[] {1, 1}, 9),
                        LATER);
        assertThat(layer.trainsLike(same)).isTrue();
        Layer unsized = layer(PYTORCH.with(statistics), unchanged());
        Layer again = unsized.revised(unchanged(), LATER);
        assertThat(unsized.trainsLike(again)).as("neither has any").isTrue();
    }

    @Test
    void reportsWhetherItIsFitForInference() {
        assertThat(layer(PYTORCH, features(2)).health().neverTrained()).isTrue();
        assertThat(layer(PYTORCH, features(2)).trained(BATCH, LATER).health().neverTrained())
                .isFalse();
    }

    private static Layer revised(Layer layer, Vector vector, double... values) {
        return layer.revised(unchanged().with(vector, values), LATER);
    }

    private static RunningStatistics running(Layer layer) {
        return Objects.requireNonNull(layer.running());
    }
}
