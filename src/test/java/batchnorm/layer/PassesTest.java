package batchnorm.layer;

import static batchnorm.layer.Registry.BATCH;
import static batchnorm.layer.Registry.NAME;
import static batchnorm.layer.Registry.PYTORCH;
import static batchnorm.layer.Registry.features;
import static batchnorm.layer.Registry.unchanged;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import batchnorm.layer.LayerPatch.Vector;
import batchnorm.normalization.BatchStatistics;
import batchnorm.normalization.Convention;
import batchnorm.normalization.ForwardPass.Mode;
import batchnorm.normalization.Gradients;
import batchnorm.normalization.InvalidConfig;
import batchnorm.normalization.NonFiniteResult;
import batchnorm.normalization.ShapeMismatch;
import batchnorm.normalization.Variant;
import batchnorm.normalization.Weighting;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Uses a layer whose running statistics are far from the batch's own: means 10, variances 4 with
/// epsilon. The output shows which statistics were used.
class PassesTest {
    private static final Tensor GRADIENT = Tensor.of(Shape.of(3, 2), 1.0, 0.0, 0.0, 1.0, 0.0, 0.0);

    private final Registry registry;
    private final Passes passes;

    PassesTest(@TempDir Path directory) {
        registry = new Registry(directory);
        passes = registry.passes;
    }

    @AfterEach
    void close() {
        registry.close();
    }

    private void create(Variant variant) {
        registry.layers.create(
                NAME,
                PYTORCH.with(variant),
                unchanged()
                        .with(Vector.RUNNING_MEAN, new double[] {10, 10})
                        .with(Vector.RUNNING_VAR, new double[] {4 - 1e-5, 4 - 1e-5}));
    }

    @Test
    void inferWithTheRunningStatistics() {
        create(Variant.PLAIN);
        Inferred inferred = passes.forwardInfer(NAME, BATCH, false, null);
        assertThat(inferred.output().at(0)).isEqualTo(-4.5, within(1e-12));
        assertThat(inferred.contextId()).isNull();
        assertThat(inferred.layer()).isEqualTo(registry.layers.get(NAME));
        assertThat(registry.contexts.size()).isZero();
    }

    @Test
    void saveAContextOnRequest() {
        create(Variant.PLAIN);
        Inferred inferred = passes.forwardInfer(NAME, BATCH, true, null);
        String context = Objects.requireNonNull(inferred.contextId());
        Gradients gradients = passes.backward(NAME, context, GRADIENT);
        assertThat(gradients.input().at(0)).as("statistics are constants").isEqualTo(0.5);
        assertThat(registry.contexts.promisedBytes()).isZero();
    }

    @Test
    void giveBackTheRoomOfAPassThatFails() {
        create(Variant.PLAIN);
        Tensor huge = Tensor.of(Shape.of(1, 2), Float.MAX_VALUE, -Float.MAX_VALUE);
        registry.layers.revise(
                NAME, Precondition.NONE, unchanged().with(Vector.GAMMA, new double[] {1e9, 1}));
        assertThatThrownBy(() -> passes.forwardInfer(NAME, huge, true, null))
                .isInstanceOf(NonFiniteResult.class);
        assertThat(registry.contexts.promisedBytes()).isZero();
        assertThat(registry.contexts.size()).isZero();
    }

    @Test
    void blendTheStatisticsByTheRequestOrTheLayer() {
        create(new Variant(false, false, 1, null, null));
        double own = passes.forwardInfer(NAME, BATCH, false, null).output().at(0);
        assertThat(own)
                .as("the batch's own")
                .isEqualTo(-2 / Math.sqrt(8.0 / 3 + 1e-5), within(1e-12));
        assertThat(passes.forwardInfer(NAME, BATCH, false, 0.0).output().at(0))
                .isEqualTo(-4.5, within(1e-12));
        assertThatThrownBy(() -> passes.forwardInfer(NAME, BATCH, false, 1.5))
                .isInstanceOf(InvalidConfig.class)
                .hasMessageContaining("statistics_blend is 1.5");
    }

    @Test
    void inferWithTheBatchsOwnStatisticsWhereNoneAreTracked() {
        registry.layers.create(NAME, Convention.PURE_PYTHON.config(), unchanged());
        assertThat(passes.forwardInfer(NAME, BATCH, false, null).output().at(5))
                .isEqualTo(1.2247425750014138);
        assertThatThrownBy(() -> passes.forwardInfer(NAME, BATCH, false, 0.5))
                .isInstanceOf(InvalidConfig.class)
                .hasMessageContaining("this layer tracks none");
        assertThat(registry.layers.get(NAME).features()).as("reading decides nothing").isNull();
    }

    @Test
    void runAForwardAgainInEitherMode() {
        create(Variant.PLAIN);
        Gradients inferred =
                passes.backward(NAME, StatelessBackward.of(BATCH, Mode.INFER, null), GRADIENT);
        assertThat(inferred.input().at(0)).isEqualTo(0.5);
        Gradients trained =
                passes.backward(NAME, StatelessBackward.of(BATCH, Mode.TRAIN, null), GRADIENT);
        double sum = trained.input().at(0) + trained.input().at(2) + trained.input().at(4);
        assertThat(sum).as("gradients of a batch cancel").isEqualTo(0, within(1e-15));
    }

    @Test
    void runAForwardAgainWithTheStatisticsItAnswered() {
        create(Variant.PLAIN);
        BatchStatistics given = new BatchStatistics(3, new double[] {3, 4}, new double[] {24, 24});
        Gradients gradients =
                passes.backward(NAME, StatelessBackward.of(BATCH, Mode.TRAIN, given), GRADIENT);
        assertThat(Objects.requireNonNull(gradients.gamma())[0])
                .isEqualTo(-2 / Math.sqrt(24 + 1e-5), within(1e-12));
        for (int wrong = 0; wrong < 2; wrong++) {
            BatchStatistics other =
                    new BatchStatistics(3, new double[3 - wrong], new double[2 + wrong]);
            assertThatThrownBy(() ->
                            passes.backward(
                                    NAME, StatelessBackward.of(BATCH, Mode.TRAIN, other), GRADIENT))
                    .isInstanceOf(ShapeMismatch.class)
                    .hasMessage(
                            (wrong == 0 ? "batch_mean" : "batch_var")
                                    + " has 3 values, but the layer has 2 features");
        }
    }

    @Test
    void runAForwardAgainWithItsMaskAndItsBlend() {
        create(Variant.PLAIN);
        Weighting first = new Weighting(null, new double[] {1, 1, 0});
        Gradients masked =
                passes.backward(
                        NAME,
                        new StatelessBackward(BATCH, Mode.TRAIN, null, first, null),
                        GRADIENT);
        assertThat(masked.input().at(4)).isZero();
        Gradients blended =
                passes.backward(
                        NAME,
                        new StatelessBackward(BATCH, Mode.INFER, null, Weighting.NONE, 1.0),
                        GRADIENT);
        assertThat(blended.input().at(0))
                .isNotEqualTo(0.5)
                .isEqualTo(
                        passes.backward(
                                        NAME,
                                        StatelessBackward.of(BATCH, Mode.TRAIN, null),
                                        GRADIENT)
                                .input()
                                .at(0),
                        within(1e-12));
    }

    @Test
    void refuseATensorOfOtherChannels() {
        registry.layers.create(NAME, PYTORCH, features(3));
        assertThatThrownBy(() -> passes.forwardInfer(NAME, BATCH, false, null))
                .isInstanceOf(ShapeMismatch.class)
                .hasMessageContaining("input has 2 channels");
    }
}
