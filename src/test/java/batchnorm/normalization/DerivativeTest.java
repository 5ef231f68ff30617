package batchnorm.normalization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.fixtures.Configs;
import batchnorm.kernel.ScalarKernel;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Rejections and omissions of the backward pass. [GradientTest], [VariantsTest] and [ShardsTest]
/// verify its numbers.
class DerivativeTest {
    private static final Config PYTORCH = Convention.PYTORCH.config();
    private static final Tensor INPUT = Tensor.of(Shape.of(4, 2), 1f, 2, 3, 5, 8, 13, 21, 34);
    private static final BatchNormalization OPERATOR = new BatchNormalization(new ScalarKernel());

    static Stream<Named<Consumer<Tensor>>> backwards() {
        BatchPass pass = training(PYTORCH);
        TrainingPass virtual =
                OPERATOR.train(
                        TrainingBatch.of(INPUT, null, PYTORCH),
                        Parameters.initial(PYTORCH, 2),
                        null,
                        PYTORCH.with(new Variant(false, false, 0, 2, null)));
        GradientSums total = OPERATOR.gradientSums(pass, INPUT);
        return Stream.of(
                Named.of("of a batch", dy -> OPERATOR.backward(pass, dy)),
                Named.of("of virtual batches", dy -> OPERATOR.backward(virtual.forward(), dy)),
                Named.of("of a shard's sums", dy -> OPERATOR.gradientSums(pass, dy)),
                Named.of("of a shard", dy -> OPERATOR.backward(pass, dy, total)));
    }

    @ParameterizedTest
    @MethodSource("backwards")
    void refusesAGradientUnlikeTheInput(Consumer<Tensor> backward) {
        Tensor turned = Tensor.of(Shape.of(2, 4), new float[8]);
        refuses(() -> backward.accept(turned), "[2, 4]", "[4, 2]");
        Tensor wider = Tensor.of(Shape.of(4, 2), new double[8]);
        refuses(() -> backward.accept(wider), "FP64", "FP32");
    }

    private static void refuses(ThrowingCallable backward, String sent, String forward) {
        assertThatThrownBy(backward)
                .isInstanceOfSatisfying(
                        ShapeMismatch.class,
                        refused -> assertThat(refused.field()).isEqualTo("grad_output"))
                .hasMessageContaining(sent)
                .hasMessageContaining("the forward's input")
                .hasMessageContaining(forward);
    }

    /// With constant statistics of mean 0 and deviation 1: `dx = γ·dy`, `dγ = Σdy·x`, `dβ = Σdy`.
    @ParameterizedTest
    @CsvSource({
        "grad_input[0][0], 1e200, 1, 1e200, true",
        "grad_gamma[0], 1, 1e200, 1e200, true",
        "grad_beta[0], 1, 1, 1.7e308, false"
    })
    void namesTheGradientThatOverflows(
            String name, double gamma, double x, double dy, boolean scale) {
        Config config = Configs.withEpsilon(0).with(Knob.SCALE, scale);
        BatchPass pass =
                OPERATOR.infer(
                        Tensor.of(Shape.of(2, 1), x, x),
                        new RunningStatistics(new double[] {0}, new double[] {1}, 1),
                        new Parameters(scale ? new double[] {gamma} : null, new double[1]),
                        config);
        assertThatThrownBy(() -> OPERATOR.backward(pass, Tensor.of(Shape.of(2, 1), dy, dy)))
                .isInstanceOf(NonFiniteResult.class)
                .hasMessageStartingWith(name + " overflows");
    }

    @Test
    void leavesOutTheGradientsOfFrozenParameters() {
        BatchPass frozen = training(PYTORCH.with(new Variant(false, true, 0, null, null)));
        Tensor dy = Tensor.of(INPUT.shape(), 1f, -2, 3, -4, 5, 6, 7, -8);
        Gradients expected = OPERATOR.backward(training(PYTORCH), dy);
        Gradients got = OPERATOR.backward(frozen, dy);
        assertThat(got.gamma()).isNull();
        assertThat(got.beta()).isNull();
        assertThat(Objects.requireNonNull(expected.gamma())).hasSize(2);
        assertThat(((Tensor.Floats) got.input()).values())
                .isEqualTo(((Tensor.Floats) expected.input()).values());
    }

    private static BatchPass training(Config config) {
        return OPERATOR.train(
                INPUT, OPERATOR.statistics(INPUT, config), Parameters.initial(config, 2), config);
    }
}
