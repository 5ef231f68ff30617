package batchnorm.normalization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import batchnorm.fixtures.RandomSeed;
import batchnorm.kernel.Kernel;
import batchnorm.normalization.Explanation.Step;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ExplanationTest {
    private static final Shape SHAPE = Shape.of(4, 3);
    private final BatchNormalization operator = new BatchNormalization(Kernel.fastest());

    /// The class of *Deep Learning from Scratch*, with its printed errors corrected, in NumPy. All
    /// its steps are sums of four products of numbers of order 1: 1e-14 is some tens of ulps.
    @Test
    void isTheBookStepByStep() {
        Config config = Convention.DEEP_LEARNING_FROM_SCRATCH.config();
        List<Step> steps =
                Explanation.train(
                        operator,
                        Tensor.of(SHAPE, 1.0, -2, .5, 3, 4, -1, 5, 6, 2, -2, 1, 7),
                        new Parameters(new double[] {1.5, -2, .25}, new double[3]),
                        RunningStatistics.initial(config, 3),
                        config,
                        Tensor.of(SHAPE, .1, -.2, .3, .4, .5, -.6, -.7, .8, .9, 1, .2, .3));

        check(steps, "mean", 1.75, 2.25, 2.125);
        check(steps, "var", 6.6875, 9.1875, 9.046875);
        check(steps, "std", 2.5860203015444405, 3.0310890782027506, 3.0078025201133136);
        check(steps, "running_mean", .175, .225, .2125);
        check(steps, "running_var", .66875, .91875, .9046875);
        check(steps, "dbeta", .8, 1.3, .9);
        check(steps, "dgamma", -2.1654895735565303, 1.476367036581254, 0.9101328899401513);
        check(steps, "dstd", 1.2560745785309042, 0.9741495538340621, -0.07564766003203756);
        check(steps, "dvar", 0.2428586074480434, 0.16069299329396033, -0.012575237158386926);
        check(steps, "dmu", 0.464033480047828, -0.8577774961142483, 0.07480544300877956);
        double[] dx = {
            -0.14907616279899477, 0.004937531911857612, 0.01645116710858767, 0.2677949996669841,
            0.025136321578374227, -0.048922848031401685, -0.1273924279507358, -0.012119338077107439,
            0.05689003457898385, 0.008673591082746415, -0.017954515413124428, -0.024418353656169837
        };
        check(steps, "mean_dy", .2, .325, .225);
        check(
                steps,
                "dy_along_xhat",
                0.15700932231636303,
                -0.5175169504743455,
                -0.12292744755206106,
                -0.26168220386060503,
                0.2130952149012011,
                -0.23639893760011743,
                -0.6803737300375731,
                0.4566326033597166,
                -0.009455957504004697,
                0.7850466115818151,
                -0.15221086778657222,
                0.3687823426561832);
        check(steps, "dx_by_chain", dx);
        check(steps, "dx", dx);
    }

    @ParameterizedTest
    @EnumSource
    void whatAPassAnswersIsTheOperatorsOwnToTheBit(DataType type) {
        for (Convention convention : Convention.values()) {
            Config config = convention.config();
            Random random = RandomSeed.random(7);
            Tensor x = gaussian(random, type);
            Tensor dy = gaussian(random, type);
            Parameters parameters =
                    new Parameters(new double[] {1.5, -2, .25}, new double[] {1, 2, 3});
            RunningStatistics running = RunningStatistics.initial(config, 3);
            BatchStatistics batch = operator.statistics(x, config);
            BatchPass pass = operator.train(x, batch, parameters, config);
            Gradients gradients = operator.backward(pass, dy);

            List<Step> steps = Explanation.train(operator, x, parameters, running, config, dy);
            assertThat(tensor(steps, "output").dataType()).isEqualTo(type);
            assertThat(numbers(steps, "output")).isEqualTo(operator.output(pass).toDoubles());
            assertThat(numbers(steps, "dx")).isEqualTo(gradients.input().toDoubles());
            assertThat(numbers(steps, "dgamma")).isEqualTo(gradients.gamma());
            assertThat(numbers(steps, "dbeta")).isEqualTo(gradients.beta());
            RunningStatistics next = running.updated(batch, config);
            assertThat(numbers(steps, "running_mean")).isEqualTo(next.mean());
            assertThat(numbers(steps, "running_var")).isEqualTo(next.variance());
        }
    }

    @Test
    void inInferenceStatisticsAreConstants() {
        Config config = Convention.PYTORCH.config();
        RunningStatistics running =
                new RunningStatistics(new double[] {1, 2, 3}, new double[] {4, 9, 16}, 5);
        Tensor x = gaussian(RandomSeed.random(1), DataType.FP64);
        Parameters parameters = Parameters.initial(config, 3);
        List<Step> steps = Explanation.infer(operator, x, parameters, running, config, x);

        BatchPass pass = operator.infer(x, running, parameters, config);
        assertThat(steps.stream().map(Step::name))
                .containsExactly(
                        "mean",
                        "centered",
                        "var",
                        "std",
                        "inverse_std",
                        "xhat",
                        "output",
                        "dbeta",
                        "dgamma",
                        "dxhat",
                        "dx");
        assertThat(numbers(steps, "output")).isEqualTo(operator.output(pass).toDoubles());
        assertThat(numbers(steps, "dx")).isEqualTo(operator.backward(pass, x).input().toDoubles());
        assertThat(numbers(steps, "mean")).containsExactly(1, 2, 3);
    }

    /// Values 1, 2, 3: variance 2/3, unbiased 1; a tenth of it is added to nine tenths of 4.
    @Test
    void theVarianceThatIsLearnedIsAStepWhereItIsUnbiased() {
        List<Step> unbiased = trained(Convention.PYTORCH.config());
        check(unbiased, "var", 2 / 3.0);
        check(unbiased, "unbiased_var", 1);
        check(unbiased, "running_var", 3.7);
        assertThat(step(unbiased, "running_var").formula())
                .isEqualTo("running_var + α · (unbiased_var - running_var), α = 0.1");

        List<Step> biased = trained(Convention.ONNX.config());
        assertThat(biased.stream().map(Step::name)).doesNotContain("unbiased_var");
        check(biased, "running_var", 0.9 * 4 + 0.1 * 2 / 3);
        assertThat(step(biased, "running_var").formula())
                .startsWith("running_var + α · (var - running_var), α = 0.09999999999999998");
    }

    private List<Step> trained(Config config) {
        return Explanation.train(
                operator,
                Tensor.of(Shape.of(3, 1), 1.0, 2, 3),
                Parameters.initial(config, 1),
                new RunningStatistics(new double[] {0}, new double[] {4}, 1),
                config,
                null);
    }

    @Test
    void leavesOutWhatTheLayerDoesNotHave() {
        Config config = Convention.PURE_PYTHON.config();
        Tensor x = gaussian(RandomSeed.random(1), DataType.FP64);
        List<Step> steps =
                Explanation.train(operator, x, new Parameters(null, null), null, config, x);
        assertThat(steps.stream().map(Step::name))
                .doesNotContain("running_mean", "running_var", "dgamma", "dbeta")
                .contains("dx");
    }

    @Test
    void anEmptyBatchUpdatesNothing() {
        Config config = Convention.PYTORCH.config();
        Tensor none = Tensor.of(Shape.of(0, 3), new double[0]);
        List<Step> steps =
                Explanation.train(
                        operator,
                        none,
                        Parameters.initial(config, 3),
                        RunningStatistics.initial(config, 3),
                        config,
                        none);
        assertThat(steps.stream().map(Step::name)).doesNotContain("running_mean");
        assertThat(numbers(steps, "mean_dy")).containsExactly(0, 0, 0);
    }

    @Test
    void refusesWhatNobodyWouldRead() {
        Config config = Convention.PYTORCH.config();
        Tensor large = Tensor.of(Shape.of(5001, 2), new double[10002]);
        Tensor largest = Tensor.of(Shape.of(5000, 2), new double[10000]);
        Parameters parameters = Parameters.initial(config, 2);
        RunningStatistics running = RunningStatistics.initial(config, 2);
        assertThatThrownBy(() -> Explanation.train(operator, large, parameters, null, config, null))
                .isInstanceOf(BatchTooLarge.class)
                .hasMessageContaining("10002");
        assertThatThrownBy(
                        () -> Explanation.infer(operator, large, parameters, running, config, null))
                .isInstanceOf(BatchTooLarge.class)
                .hasMessageContaining("an explanation takes at most 10000");
        assertThat(Explanation.infer(operator, largest, parameters, running, config, null))
                .isNotEmpty();
    }

    private static void check(List<Step> steps, String name, double... expected) {
        assertThat(numbers(steps, name)).as(name).containsExactly(expected, within(1e-14));
    }

    private static double[] numbers(List<Step> steps, String name) {
        return switch (step(steps, name).value()) {
            case Explanation.Value.Channels channels -> channels.vector();
            case Explanation.Value.Elements elements -> elements.tensor().toDoubles();
        };
    }

    private static Tensor tensor(List<Step> steps, String name) {
        return ((Explanation.Value.Elements) step(steps, name).value()).tensor();
    }

    private static Step step(List<Step> steps, String name) {
        return Objects.requireNonNull(
                steps.stream().filter(step -> step.name().equals(name)).findFirst().orElse(null),
                name);
    }

    private static Tensor gaussian(Random random, DataType type) {
        double[] values = random.doubles(SHAPE.elements(), -3, 3).toArray();
        if (type == DataType.FP64) {
            return Tensor.of(SHAPE, values);
        }
        float[] narrow = new float[values.length];
        for (int i = 0; i < narrow.length; i++) {
            narrow[i] = type.round((float) values[i]);
        }
        return Tensor.of(SHAPE, type, narrow);
    }
}
