package batchnorm.normalization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import batchnorm.fixtures.Configs;
import batchnorm.kernel.Kernel;
import batchnorm.kernel.ScalarKernel;
import batchnorm.kernel.VectorKernel;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@ParameterizedClass
@MethodSource("kernels")
class EdgeCasesTest {
    private final Kernel kernel;

    EdgeCasesTest(Kernel kernel) {
        this.kernel = kernel;
    }

    static List<Kernel> kernels() {
        return List.of(new ScalarKernel(), new VectorKernel());
    }

    private BatchNormalization operator() {
        return new BatchNormalization(kernel);
    }

    @Test
    void aConstantChannelIsExactlyBeta() {
        Tensor input = Tensor.of(Shape.of(3, 2), 0.1, 7, 0.1, 7, 0.1, 7);
        Config config = Convention.PYTORCH.config();
        Parameters parameters = new Parameters(new double[] {3, 1e9}, new double[] {0.3, -2.7});
        Tensor y = train(input, parameters, config);
        assertThat(y.at(0)).isEqualTo(0.3);
        assertThat(y.at(3)).isEqualTo(-2.7);
    }

    @Test
    void oneValuePerChannelIsRefusedByPyTorchAndBetaElsewhere() {
        Tensor input = Tensor.of(Shape.of(1, 2), 4, 5);
        assertThatThrownBy(() -> operator().statistics(input, Convention.PYTORCH.config()))
                .isInstanceOf(SingleValue.class)
                .hasMessageContaining("[1, 2]");
        assertThatThrownBy(() -> operator().statistics(input, Convention.PURE_PYTHON.config()))
                .isInstanceOf(SingleValue.class);
        Config keras = Convention.KERAS.config();
        assertThat(operator().statistics(input, keras).variance()).containsExactly(0, 0);
        assertThat(train(input, Parameters.initial(keras, 2), keras).at(1)).isZero();
    }

    @Test
    void oneValuePerChannelCountsAsVarianceZeroEvenUnbiased() {
        RunningStatistics running =
                new RunningStatistics(new double[] {0}, new double[] {1}, 0)
                        .updated(
                                new BatchStatistics(1, new double[] {5}, new double[] {0}),
                                Convention.PYTORCH.config());
        assertThat(running.variance()).containsExactly(0.9);
    }

    @Test
    void anEmptyBatchHasAnEmptyOutput() {
        Tensor input = Tensor.of(Shape.of(0, 2), new double[0]);
        Config config = Convention.PYTORCH.config();
        assertThat(operator().statistics(input, config).isEmpty()).isTrue();
        assertThat(train(input, Parameters.initial(config, 2), config).shape())
                .isEqualTo(Shape.of(0, 2));
    }

    @Test
    void theFirstNonFiniteValueIsNamed() {
        Tensor input = Tensor.of(Shape.of(3, 2), 1, 2, Double.NEGATIVE_INFINITY, Double.NaN, 5, 6);
        assertThatThrownBy(() -> operator().statistics(input, Convention.PYTORCH.config()))
                .isInstanceOfSatisfying(
                        NonFiniteValue.class,
                        refused -> assertThat(refused.field()).isEqualTo("input[1][0]"));
    }

    @Test
    void nonFiniteValuesPropagateOnRequest() {
        Tensor input = Tensor.of(Shape.of(2, 2), 1, 2, Double.NaN, 4);
        Config config = Configs.propagating();
        Tensor y = train(input, Parameters.initial(config, 2), config);
        assertThat(y.at(0)).isNaN();
        assertThat(y.at(1)).isFinite();
    }

    @Test
    void weightedValuesAreHeldToTheSame() {
        Weights weights = new Weights(new double[] {2, 0, 0.5});
        Tensor input = Tensor.of(Shape.of(3, 2), 1, 2, 3, 4, 5, Double.NaN);
        assertThatThrownBy(() -> weighted(input, weights, Convention.PYTORCH.config()))
                .isInstanceOfSatisfying(
                        NonFiniteValue.class,
                        refused -> assertThat(refused.field()).isEqualTo("input[2][1]"));
        BatchStatistics batch = weighted(input, weights, Configs.propagating());
        assertThat(batch.mean()[1]).isNaN();
        assertThat(batch.mean()[0]).isEqualTo(1.8, within(1e-15));

        Tensor wide = Tensor.of(Shape.of(3, 1), 1e308, 0, -1e308);
        assertThatThrownBy(() -> weighted(wide, weights, Convention.PYTORCH.config()))
                .isInstanceOf(NonFiniteResult.class)
                .hasMessageContaining("its 2 values are finite");
    }

    @Test
    void aVarianceThatOverflowsIsRefused() {
        Tensor input = Tensor.of(Shape.of(2, 1), 1e308, -1e308);
        assertThatThrownBy(() -> operator().statistics(input, Convention.PYTORCH.config()))
                .isInstanceOf(NonFiniteResult.class);
    }

    @Test
    void aFloatBatchAtTheEndOfItsRangeHasAFiniteResult() {
        float large = 3.4e38f;
        Tensor input = Tensor.of(Shape.of(4, 1), large, -large, -large, -large);
        Config config = Convention.PYTORCH.config();
        Tensor y = train(input, Parameters.initial(config, 1), config);
        assertThat(y.at(0)).isEqualTo((float) Math.sqrt(3));
    }

    @Test
    void aResultThatOverflowsItsDatatypeIsRefused() {
        Config config = Convention.PYTORCH.config();
        Parameters huge = new Parameters(new double[] {1e39}, new double[] {0});
        Tensor floats = Tensor.of(Shape.of(2, 1), 1f, 2f);
        assertThatThrownBy(() -> train(floats, huge, config))
                .isInstanceOf(NonFiniteResult.class)
                .hasMessageContaining("output[0][0]")
                .hasMessageContaining("FP32");
        Parameters large = new Parameters(new double[] {1e5}, new double[] {0});
        Tensor halves = Tensor.of(Shape.of(2, 1), DataType.FP16, new float[] {1, 2});
        assertThatThrownBy(() -> train(halves, large, config))
                .isInstanceOf(NonFiniteResult.class)
                .hasMessageContaining("FP16");
    }

    @Test
    void halfWidthResultsAreRoundedOnce() {
        Config config = Convention.PYTORCH.config();
        Tensor input = Tensor.of(Shape.of(3, 1), DataType.BF16, new float[] {1, 3, 5});
        Tensor y = train(input, Parameters.initial(config, 1), config);
        assertThat(y.at(2)).isEqualTo(DataType.BF16.round((float) Math.sqrt(1.5)));
    }

    @ParameterizedTest
    @ValueSource(doubles = {-1, -1e-5})
    void aDeviationThatDoesNotExistIsRefused(double variance) {
        Config config = Convention.PYTORCH.config();
        RunningStatistics running =
                new RunningStatistics(new double[] {0}, new double[] {variance}, 0);
        Tensor input = Tensor.of(Shape.of(1, 1), 1.0);
        assertThatThrownBy(() ->
                        operator().infer(input, running, Parameters.initial(config, 1), config))
                .isInstanceOf(NonFiniteResult.class)
                .hasMessageContaining("channel 0");
    }

    private Tensor train(Tensor input, Parameters parameters, Config config) {
        BatchStatistics batch = operator().statistics(input, config);
        return operator().output(operator().train(input, batch, parameters, config));
    }

    private BatchStatistics weighted(Tensor input, Weights weights, Config config) {
        return operator().statistics(TrainingBatch.of(input, weights, config), config);
    }
}
