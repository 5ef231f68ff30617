package batchnorm.layer;

import static batchnorm.layer.Registry.BATCH;
import static batchnorm.layer.Registry.NAME;
import static batchnorm.layer.Registry.PYTORCH;
import static batchnorm.layer.Registry.START;
import static batchnorm.layer.Registry.features;
import static batchnorm.layer.Registry.unchanged;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.kernel.ScalarKernel;
import batchnorm.layer.LayerPatch.Vector;
import batchnorm.normalization.BatchNormalization;
import batchnorm.normalization.Config;
import batchnorm.normalization.Convention;
import batchnorm.normalization.Explanation.Step;
import batchnorm.normalization.Explanation.Value;
import batchnorm.normalization.ForwardPass.Mode;
import batchnorm.normalization.GradientCheck;
import batchnorm.normalization.InvalidConfig;
import batchnorm.normalization.ShapeMismatch;
import batchnorm.normalization.Variant;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Uses a layer whose running means, 10, are far from the batch's, 3 and 4.
class InsightsTest {
    private static final Tensor GRADIENT = Tensor.of(Shape.of(3, 2), 1.0, 0.0, 0.0, 1.0, 0.0, 0.0);
    private static final LayerPatch MEANS =
            unchanged().with(Vector.RUNNING_MEAN, new double[] {10, 10});

    private final Insights insights = new Insights(new BatchNormalization(new ScalarKernel()));

    private static Layer layer(Config config, LayerPatch revision) {
        return Layer.create(NAME, config, revision, START);
    }

    private static Layer frozen() {
        Variant statistics = new Variant(true, false, 0, null, null);
        return layer(PYTORCH, MEANS)
                .revised(new LayerPatch(config -> config.with(statistics)), START);
    }

    private List<Step> steps(Layer layer, Mode mode) {
        return insights.explain(layer, BATCH, null, mode);
    }

    private static double[] means(List<Step> steps) {
        return steps.stream()
                .filter(step -> step.name().equals("mean"))
                .map(step -> ((Value.Channels) step.value()).vector())
                .findFirst()
                .orElseThrow();
    }

    @Test
    void explainTrainingWithTheBatchsStatistics() {
        List<Step> steps = steps(layer(PYTORCH, MEANS), Mode.TRAIN);
        assertThat(means(steps)).containsExactly(3, 4);
        assertThat(steps).extracting(Step::name).contains("running_mean").doesNotContain("dx");
    }

    @Test
    void explainInferenceWithTheRunningStatistics() {
        List<Step> steps = steps(layer(PYTORCH, MEANS), Mode.INFER);
        assertThat(means(steps)).containsExactly(10, 10);
    }

    @Test
    void explainFrozenStatisticsAsTheConstantsTheyAre() {
        assertThat(means(steps(frozen(), Mode.TRAIN))).containsExactly(10, 10);
    }

    @Test
    void explainInferenceWithTheBatchsStatisticsWhereNoneAreTracked() {
        Layer layer = layer(Convention.PURE_PYTHON.config(), unchanged());
        for (Mode mode : Mode.values()) {
            List<Step> steps = steps(layer, mode);
            assertThat(means(steps)).containsExactly(3, 4);
            assertThat(steps).extracting(Step::name).doesNotContain("running_mean");
        }
    }

    @Test
    void explainABackwardToo() {
        for (Mode mode : Mode.values()) {
            assertThat(insights.explain(layer(PYTORCH, unchanged()), BATCH, GRADIENT, mode))
                    .extracting(Step::name)
                    .contains("dx");
        }
    }

    /// The gradient of a batch's own statistics cancels over the batch; that of constants does not.
    @Test
    void checkTheGradientsOfTheRequestedMode() {
        assertThat(inputGradientsCancel(layer(PYTORCH, MEANS), Mode.TRAIN)).isTrue();
        assertThat(inputGradientsCancel(layer(PYTORCH, MEANS), Mode.INFER)).isFalse();
        assertThat(inputGradientsCancel(frozen(), Mode.TRAIN)).isFalse();
        Layer untracked = layer(Convention.PURE_PYTHON.config(), unchanged());
        assertThat(inputGradientsCancel(untracked, Mode.INFER)).isTrue();
    }

    /// The batch's own statistics cancel a gradient of ones entirely.
    private boolean inputGradientsCancel(Layer layer, Mode mode) {
        Tensor ones = Tensor.of(Shape.of(3, 2), 1.0, 1.0, 1.0, 1.0, 1.0, 1.0);
        GradientCheck check = insights.checkGradients(layer, BATCH, ones, mode);
        GradientCheck.OfTensor input = check.tensors().getFirst();
        assertThat(input.worst().relativeError()).isLessThan(1e-6);
        return Math.abs(input.worst().analytic()) < 1e-9;
    }

    @Test
    void makeAGradientUpWhereNoneIsGiven() {
        GradientCheck check =
                insights.checkGradients(layer(PYTORCH, MEANS), BATCH, null, Mode.TRAIN);
        assertThat(check.tensors())
                .extracting(GradientCheck.OfTensor::name)
                .containsExactly("grad_input", "grad_gamma", "grad_beta");
        assertThat(check.tensors())
                .allSatisfy(tensor -> assertThat(tensor.worst().relativeError()).isLessThan(1e-6));
    }

    @Test
    void knowOnlyThePlainOperatorInTraining() {
        Layer virtual = layer(PYTORCH.with(new Variant(false, false, 0, 2, null)), MEANS);
        assertThatThrownBy(() -> steps(virtual, Mode.TRAIN))
                .isInstanceOf(InvalidConfig.class)
                .hasMessageContaining("virtual_batch_size");
        assertThat(means(steps(virtual, Mode.INFER))).containsExactly(10, 10);
    }

    @Test
    void refuseATensorOfOtherChannels() {
        Layer other = layer(PYTORCH, features(3));
        assertThatThrownBy(() -> steps(other, Mode.TRAIN)).isInstanceOf(ShapeMismatch.class);
    }
}
