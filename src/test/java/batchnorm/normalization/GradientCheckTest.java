package batchnorm.normalization;

import static batchnorm.fixtures.RandomArrays.gaussian;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import batchnorm.fixtures.Configs;
import batchnorm.fixtures.RandomSeed;
import batchnorm.kernel.Kernel;
import batchnorm.normalization.GradientCheck.Difference;
import batchnorm.normalization.GradientCheck.OfTensor;
import batchnorm.tensor.DataType;
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

    /// The guarantee of the contract: below 1e-6. Binary64 resolves 1.2e-7 of a deviation in data
    /// around 1e9 deviations, which the differences show.
    @ParameterizedTest
    @CsvSource({"0, 1, 1e-6", "1e6, 1, 1e-6", "1e6, 1e-3, 1e-5", "0, 1e-4, 1e-6", "-3, 1e8, 1e-6"})
    void formulaAndDifferenceAgree(double mean, double deviation, double error) {
        for (Convention convention : Convention.values()) {
            Config config = convention.config();
            Random random = RandomSeed.random(3);
            Tensor x = gaussian(random, Shape.of(20, 4), mean, deviation);
            Tensor dy = gaussian(random, Shape.of(20, 4), 0, 1);
            Parameters parameters =
                    new Parameters(new double[] {1.5, -2, .25, 1e3}, new double[] {1, 2, 3, -1e3});
            GradientCheck check = GradientCheck.of(operator, training(x, parameters, config), dy);
            assertThat(check.tensors())
                    .hasSize(3)
                    .allSatisfy(tensor -> {
                        assertThat(tensor.worst().relativeError()).isLessThan(error);
                        assertThat(tensor.checked()).isEqualTo(tensor.elements());
                    });
        }
    }

    @Test
    void inferenceIsAStraightLine() {
        Random random = RandomSeed.random(3);
        Tensor x = gaussian(random, Shape.of(7, 2, 5), 1, 2);
        RunningStatistics running =
                new RunningStatistics(new double[] {1, 5}, new double[] {4, 0.1}, 3);
        BatchPass pass = operator.infer(x, running, Parameters.initial(PYTORCH, 2), PYTORCH);
        Tensor dy = gaussian(random, x.shape(), 0, 1);
        assertThat(worst(GradientCheck.of(operator, pass, dy)).worst().relativeError())
                .isLessThan(1e-9);
    }

    /// The worked example of the plain-lists text: its terms cancel to a gradient of 1e-6 of their
    /// size.
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

    /// Typical mistakes in a backward pass, as gradients that are wrong by them.
    @ParameterizedTest
    @CsvSource({"1.001", "0", "-1", "2"})
    void aWrongGradientStandsOut(double factor) {
        Tensor x = gaussian(RandomSeed.random(3), Shape.of(8, 1), 5, 2);
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
        Tensor x = gaussian(RandomSeed.random(3), Shape.of(100_000, 2), 1, 1);
        BatchPass pass = training(x, Parameters.initial(PYTORCH, 2), PYTORCH);
        Tensor dy = GradientCheck.gradientFor(x.shape());
        GradientCheck check = GradientCheck.of(operator, pass, dy);
        assertThat(check.tensors().getFirst().checked()).isEqualTo(41);
        assertThat(check.tensors().getFirst().elements()).isEqualTo(200_000);
        assertThat(worst(check).worst().relativeError()).isLessThan(1e-6);
        assertThat(GradientCheck.of(operator, pass, dy)).isEqualTo(check);
    }

    @Test
    void everyElementOfASmallBatchIsCompared() {
        Tensor x = gaussian(RandomSeed.random(3), Shape.of(6, 2, 3), 1, 2);
        Tensor dy = gaussian(RandomSeed.random(4), x.shape(), 0, 1);
        BatchPass pass = training(x, Parameters.initial(PYTORCH, 2), PYTORCH);
        Tensor gradient = operator.backward(pass, dy).input();
        double largest = 0;
        for (int i = 0; i < x.shape().elements(); i++) {
            ChannelLoss loss = ChannelLoss.of(pass, dy, i / 3 % 2);
            largest = Math.max(largest, loss.byInput(i, gradient.at(i)).at(i).relativeError());
        }
        OfTensor input = GradientCheck.of(operator, pass, dy).tensors().getFirst();
        assertThat(input.worst().relativeError()).isEqualTo(largest);
    }

    @Test
    void theWorstOfAllTensorsIsTheOneFartherOff() {
        OfTensor near = new OfTensor("near", 1, 1, new Difference(List.of(0), 1, 1, 1e-9));
        OfTensor far = new OfTensor("far", 1, 1, new Difference(List.of(0), 1, 2, 0.5));
        assertThat(new GradientCheck(List.of(near, far, near)).worst()).isEqualTo(far);
        assertThat(new GradientCheck(List.of()).worst()).isNull();
    }

    /// Deviation √(1+3) = 2, so xhat is ∓1/2. The terms are `4/2·5` for the input, `1/2 + 5/2` for
    /// gamma, `1 + 5` for beta, and the floors a thousandth of them.
    @Test
    void theFloorIsAThousandthOfTheTerms() {
        Tensor x = Tensor.of(Shape.of(2, 1), 7.0, 9);
        Parameters parameters = new Parameters(new double[] {-4}, new double[] {2});
        BatchPass pass = training(x, parameters, Configs.withEpsilon(3));
        ChannelLoss loss = ChannelLoss.of(pass, Tensor.of(x.shape(), 1.0, -5), 0);
        assertThat(loss.byInput(0, 0).floor()).isEqualTo(0.01, within(1e-16));
        assertThat(loss.byGamma(0).floor()).isEqualTo(0.003, within(1e-16));
        assertThat(loss.byBeta(0).floor()).isEqualTo(0.006, within(1e-16));
    }

    /// A step that did not scale with them would vanish in their rounding.
    @Test
    void theStepGrowsWithGammaAndBeta() {
        Tensor x = gaussian(RandomSeed.random(3), Shape.of(9, 1), 1, 2);
        Tensor dy = GradientCheck.gradientFor(x.shape());
        Parameters large = new Parameters(new double[] {-1e9}, new double[] {1e9});
        GradientCheck check = GradientCheck.of(operator, training(x, large, PYTORCH), dy);
        assertThat(check.tensors())
                .allSatisfy(tensor -> assertThat(tensor.worst().relativeError()).isLessThan(1e-6));
    }

    /// Fractional parts of multiples of the golden ratio are spread evenly: here over -1 to 1. The
    /// stride is that ratio of 2³², less 9 to be a prime: 20 times 2·9·2⁻³² is below 1e-7.
    @Test
    void theGradientForWhoeverHasNoneIsSpreadEvenly() {
        Tensor gradient = GradientCheck.gradientFor(Shape.of(10, 2));
        double ratio = (Math.sqrt(5) - 1) / 2;
        for (int i = 0; i < 20; i++) {
            double part = (i + 1) * ratio - Math.floor((i + 1) * ratio);
            assertThat(gradient.at(i)).isEqualTo(2 * part - 1, within(1e-7));
        }
    }

    @Test
    void floatsAreCheckedAsTheDoublesThatTheyAre() {
        Tensor floats = Tensor.of(Shape.of(1, 2), 0.1f, -3f);
        Tensor doubles = GradientCheck.widened(floats);
        assertThat(doubles.dataType()).isEqualTo(DataType.FP64);
        assertThat(doubles.shape()).isEqualTo(Shape.of(1, 2));
        assertThat(doubles.toDoubles()).containsExactly(0.1f, -3);
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
        RunningStatistics running = RunningStatistics.initial(PYTORCH, 1);
        Tensor infinite = Tensor.of(x.shape(), 1.0, Double.POSITIVE_INFINITY);
        BatchPass pass = operator.infer(infinite, running, Parameters.initial(PYTORCH, 1), PYTORCH);
        assertThatThrownBy(() -> GradientCheck.of(operator, pass, x))
                .isInstanceOf(NonFiniteValue.class)
                .hasMessageContaining("input[1][0]");
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
}
