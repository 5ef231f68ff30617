package batchnorm.normalization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.kernel.Kernel;
import batchnorm.normalization.GradientCheck.OfTensor;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GradientCheckTest {
    private static final Config PYTORCH = Convention.PYTORCH.config();
    private final BatchNormalization operator = new BatchNormalization(Kernel.fastest());

    /// What the contract promises: below 1e-6, wherever the data lies.
    @ParameterizedTest
    @CsvSource({"0, 1", "1e6, 1", "1e6, 1e-3", "0, 1e-4", "-3, 1e8"})
    void formulaAndDifferenceAgree(double mean, double deviation) {
        for (Convention convention : Convention.values()) {
            Config config = convention.config();
            Random random = new Random(3);
            Tensor x = gaussian(random, Shape.of(20, 4), mean, deviation);
            Tensor dy = gaussian(random, Shape.of(20, 4), 0, 1);
            Parameters parameters =
                    new Parameters(new double[] {1.5, -2, .25, 1e3}, new double[] {1, 2, 3, -1e3});
            GradientCheck check = GradientCheck.of(operator, training(x, parameters, config), dy);
            assertThat(check.tensors())
                    .hasSize(3)
                    .allSatisfy(tensor -> {
                        assertThat(tensor.worst().relativeError()).isLessThan(1e-6);
                        assertThat(tensor.checked()).isEqualTo(tensor.elements());
                    });
        }
    }

    @Test
    void inferenceIsAStraightLine() {
        Random random = new Random(3);
        Tensor x = gaussian(random, Shape.of(7, 2, 5), 1, 2);
        RunningStatistics running =
                new RunningStatistics(new double[] {1, 5}, new double[] {4, 0.1}, 3);
        BatchPass pass = operator.infer(x, running, Parameters.initial(PYTORCH, 2), PYTORCH);
        Tensor dy = gaussian(random, x.shape(), 0, 1);
        assertThat(worst(GradientCheck.of(operator, pass, dy)).worst().relativeError())
                .isLessThan(1e-9);
    }

    /// The worked example of the plain-lists text: its gradient is what 1e-6 of the terms leave
    /// when they cancel.
    @Test
    void theTextWhoseGradientNearlyCancelsAgreesToo() {
        Tensor x = Tensor.of(Shape.of(3, 2), 1.0, 2, 3, 4, 5, 6);
        Tensor dy = Tensor.of(Shape.of(3, 2), .1, .2, .3, .4, .5, .6);
        BatchPass pass = training(x, Parameters.initial(PYTORCH, 2), PYTORCH);
        OfTensor worst = worst(GradientCheck.of(operator, pass, dy));
        assertThat(worst.name()).isEqualTo("grad_input");
        assertThat(worst.worst().relativeError()).isLessThan(1e-6);
        assertThat(worst.worst().analytic())
                .isEqualTo(operator.backward(pass, dy).input().at(index(worst, x.shape())));
    }

    /// The mistakes people make in a backward, as a gradient that is wrong by them.
    @ParameterizedTest
    @CsvSource({"1.001", "0", "-1", "2"})
    void aWrongGradientStandsOut(double factor) {
        Tensor x = gaussian(new Random(3), Shape.of(8, 1), 5, 2);
        Tensor dy = GradientCheck.gradientFor(x.shape());
        BatchPass pass = training(x, Parameters.initial(PYTORCH, 1), PYTORCH);
        Tensor gradient = operator.backward(pass, dy).input();
        ChannelLoss loss = ChannelLoss.of(pass, dy, 0);
        assertThat(loss.byInput(3, factor * gradient.at(3)).at(3, 0).relativeError())
                .isGreaterThan(5e-4);
        assertThat(loss.byGamma(factor).at(0).relativeError()).isGreaterThan(5e-4);
        assertThat(loss.byBeta(factor).at(0).relativeError()).isGreaterThan(5e-4);
    }

    @Test
    void ofALargeBatchAnEvenSampleIsCheckedTheSameEveryTime() {
        Tensor x = gaussian(new Random(3), Shape.of(100_000, 2), 1, 1);
        BatchPass pass = training(x, Parameters.initial(PYTORCH, 2), PYTORCH);
        Tensor dy = GradientCheck.gradientFor(x.shape());
        GradientCheck check = GradientCheck.of(operator, pass, dy);
        assertThat(check.tensors().getFirst().checked()).isEqualTo(41);
        assertThat(check.tensors().getFirst().elements()).isEqualTo(200_000);
        assertThat(worst(check).worst().relativeError()).isLessThan(1e-6);
        assertThat(GradientCheck.of(operator, pass, dy)).isEqualTo(check);
    }

    @Test
    void anEmptyBatchHasNothingToCheck() {
        Tensor none = Tensor.of(Shape.of(0, 2), new double[0]);
        BatchPass pass = training(none, Parameters.initial(PYTORCH, 2), PYTORCH);
        assertThat(GradientCheck.of(operator, pass, none)).isEqualTo(new GradientCheck(List.of()));
    }

    @Test
    void refusesWhatIsTooLargeOrNotFinite() {
        Tensor large = Tensor.of(Shape.of(500_001, 2), new double[1_000_002]);
        assertThatThrownBy(() ->
                        GradientCheck.of(
                                operator,
                                training(large, Parameters.initial(PYTORCH, 2), PYTORCH),
                                large))
                .isInstanceOf(BatchTooLarge.class);
        Tensor x = Tensor.of(Shape.of(2, 1), 1.0, 2);
        assertThatThrownBy(() ->
                        GradientCheck.of(
                                operator,
                                training(x, Parameters.initial(PYTORCH, 1), PYTORCH),
                                Tensor.of(x.shape(), 1.0, Double.NaN)))
                .isInstanceOf(NonFiniteValue.class)
                .hasMessageContaining("grad_output[1][0]");
    }

    private BatchPass training(Tensor x, Parameters parameters, Config config) {
        return operator.train(x, operator.statistics(x, config), parameters, config);
    }

    private static OfTensor worst(GradientCheck check) {
        return Objects.requireNonNull(check.worst());
    }

    private static int index(OfTensor tensor, Shape shape) {
        List<Integer> index = tensor.worst().index();
        return index.get(0) * shape.dimension(1) + index.get(1);
    }

    private static Tensor gaussian(Random random, Shape shape, double mean, double deviation) {
        double[] values = new double[shape.elements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = mean + deviation * random.nextGaussian();
        }
        return Tensor.of(shape, values);
    }
}
