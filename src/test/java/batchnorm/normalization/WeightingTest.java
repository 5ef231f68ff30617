package batchnorm.normalization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.fixtures.Configs;
import batchnorm.normalization.Knob.ReductionScope;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class WeightingTest {
    /// `[N, C, L]`
    private static final Shape INPUT = Shape.of(2, 3, 2);

    private static final Config SPATIAL = Configs.laidOut(ReductionScope.SPATIAL, 1);
    private static final Config PER_ACTIVATION = Configs.laidOut(ReductionScope.PER_ACTIVATION, 0);

    static Stream<Arguments> masks() {
        return Stream.of(
                Arguments.of(Tensor.of(Shape.of(2, 2), 1, 0, 0, 1), new double[] {1, 0, 0, 1}),
                Arguments.of(Tensor.of(Shape.of(2, 1), 1, 0), new double[] {1, 1, 0, 0}),
                Arguments.of(Tensor.of(Shape.of(1, 2), 1, 0), new double[] {1, 0, 1, 0}),
                Arguments.of(Tensor.of(Shape.of(1, 1), 0.0), new double[4]));
    }

    @ParameterizedTest
    @MethodSource("masks")
    void aDimensionOf1InAMaskStandsForAll(Tensor mask, double[] expected) {
        assertThat(on(new Weighting(mask, null), SPATIAL)).containsExactly(expected);
    }

    /// `[3, 2, 4]` with any channel axis.
    @ParameterizedTest
    @CsvSource({"0, 2, 4", "1, 3, 4", "-1, 3, 2"})
    void aMaskHasTheShapeThatIsLeftWithoutTheChannels(int axis, int rows, int columns) {
        double[] values = new double[rows * columns];
        values[1] = 1;
        Tensor mask = Tensor.of(Shape.of(rows, columns), values);
        Weights weights =
                new Weighting(mask, null)
                        .on(Shape.of(3, 2, 4), Configs.laidOut(ReductionScope.SPATIAL, axis));
        assertThat(Objects.requireNonNull(weights).values()).containsExactly(values);
    }

    @Test
    void perActivationOnlySamplesCount() {
        Tensor mask = Tensor.of(Shape.of(2), 0, 1);
        assertThat(on(new Weighting(mask, null), PER_ACTIVATION)).containsExactly(0, 1);
        assertThat(on(new Weighting(null, new double[] {3, 0.5}), PER_ACTIVATION))
                .containsExactly(3, 0.5);
    }

    @Test
    void aSamplesWeightIsThatOfItsPositionsThatTheMaskLeaves() {
        double[] weights = {0, 2.5};
        assertThat(on(new Weighting(null, weights), SPATIAL)).containsExactly(0, 0, 2.5, 2.5);
        Tensor mask = Tensor.of(Shape.of(1, 2), 1, 0);
        assertThat(on(new Weighting(mask, weights), SPATIAL)).containsExactly(0, 0, 2.5, 0);
    }

    @Test
    void whereEverythingCountsOnceThereAreNoWeights() {
        Tensor mask = Tensor.of(Shape.of(2, 1), 1, 1);
        assertThat(new Weighting(mask, new double[] {1, 1}).on(INPUT, SPATIAL)).isNull();
        assertThat(new Weighting(null, new double[0]).on(Shape.of(0, 3), SPATIAL)).isNull();
    }

    static Stream<Shape> misfits() {
        return Stream.of(
                Shape.of(2), Shape.of(2, 2, 1), Shape.of(3, 2), Shape.of(2, 3), Shape.of(0, 2));
    }

    @ParameterizedTest
    @MethodSource("misfits")
    void refusesAMaskOfAnotherShape(Shape shape) {
        Weighting weighting = new Weighting(Tensor.of(shape, new double[shape.elements()]), null);
        assertThatThrownBy(() -> weighting.on(INPUT, SPATIAL))
                .isInstanceOfSatisfying(
                        ShapeMismatch.class,
                        refused -> assertThat(refused.field()).isEqualTo("mask"))
                .hasMessageContaining("mask has shape " + shape + ",")
                .hasMessageContaining("has [2, 2];");
    }

    @Test
    void refusesWhatIsNeither0Nor1InAMask() {
        Weighting weighting = new Weighting(Tensor.of(Shape.of(2, 1), 1, 0.5), null);
        assertThatThrownBy(() -> weighting.on(INPUT, SPATIAL))
                .isInstanceOfSatisfying(
                        InvalidWeight.class,
                        refused -> assertThat(refused.field()).isEqualTo("mask[1][0]"));
    }

    @ParameterizedTest
    @ValueSource(doubles = {-1e-300, Double.NaN, Double.POSITIVE_INFINITY})
    void refusesAWeightThatIsNoSize(double weight) {
        refuses("weights[1]", 0, weight);
    }

    @Test
    void refusesWeightsWhoseSumOverflows() {
        refuses("weights", 1e308, 1e308);
    }

    private static void refuses(String field, double... weights) {
        assertThatThrownBy(() -> new Weighting(null, weights).on(INPUT, SPATIAL))
                .isInstanceOfSatisfying(
                        InvalidWeight.class,
                        refused -> assertThat(refused.field()).isEqualTo(field));
    }

    @Test
    void refusesWeightsThatAreNotOneForEachSample() {
        assertThatThrownBy(() -> on(new Weighting(null, new double[3]), SPATIAL))
                .isInstanceOf(ShapeMismatch.class)
                .hasMessage("weights has 3 values, but the input has 2 samples");
        Config sampleless = Configs.laidOut(ReductionScope.SPATIAL, -3);
        assertThatThrownBy(() -> on(new Weighting(null, new double[2]), sampleless))
                .isInstanceOf(ShapeMismatch.class)
                .hasMessageContaining("channel_axis is 0");
    }

    private static double[] on(Weighting weighting, Config config) {
        return Objects.requireNonNull(weighting.on(INPUT, config)).values();
    }
}
