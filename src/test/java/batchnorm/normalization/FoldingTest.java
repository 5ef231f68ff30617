package batchnorm.normalization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import batchnorm.fixtures.RandomSeed;
import batchnorm.normalization.Folding.Folded;
import batchnorm.normalization.Folding.Position;
import batchnorm.normalization.LinearMap.Kind;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Folded weights compute the composition of layer and map, both implemented here by their
/// definitions.
///
/// A hundred terms of order 1 to 100 in binary64: both ways err by less than 100·100·2^-53, that
/// is, 1e-11.
class FoldingTest {
    private static final double ROUNDING = 1e-11;
    private static final int LENGTH = 7;
    private static final int TAPS = 3;
    private final Random random = RandomSeed.random(1);

    private double[] random(int size) {
        return random.doubles(size, -2, 2).toArray();
    }

    private Affine affine(int features) {
        double[] variance = random.doubles(features, 0.1, 9).toArray();
        return Affine.of(
                new RunningStatistics(random(features), variance, 1),
                new Parameters(random(features), random(features)),
                Convention.PYTORCH.config());
    }

    /// Maps `[channels, LENGTH]` to the same shape, by channel.
    private static double[] normalize(Affine affine, double[] x) {
        double[] y = x.clone();
        int length = x.length / affine.channels();
        for (int i = 0; i < x.length; i++) {
            y[i] = affine.scale()[i / length] * x[i] + affine.shift()[i / length];
        }
        return y;
    }

    /// A convolution in one dimension, stride 1: `[in, length]` to `[out, length + 2·padding - TAPS
    /// + 1]`.
    private static double[] convolve(
            double[] x, int in, int out, int groups, int padding, Tensor weight, Tensor bias) {
        int length = x.length / in;
        int answered = length + 2 * padding - TAPS + 1;
        double[] y = new double[out * answered];
        for (int o = 0; o < out; o++) {
            for (int t = 0; t < answered; t++) {
                double sum = bias.at(o);
                for (int i = 0; i < in / groups; i++) {
                    int channel = o / (out / groups) * (in / groups) + i;
                    for (int k = 0; k < TAPS; k++) {
                        int at = t + k - padding;
                        if (at >= 0 && at < length) {
                            sum +=
                                    weight.at((o * (in / groups) + i) * TAPS + k)
                                            * x[channel * length + at];
                        }
                    }
                }
                y[o * answered + t] = sum;
            }
        }
        return y;
    }

    /// A transposed convolution in one dimension, stride 2: `[in, length]` to `[out, 2·(length - 1)
    /// + TAPS]`.
    private static double[] convolveTransposed(
            double[] x, int in, int out, int groups, Tensor weight, Tensor bias) {
        int length = x.length / in;
        int answered = 2 * (length - 1) + TAPS;
        double[] y = new double[out * answered];
        for (int o = 0; o < out; o++) {
            for (int t = 0; t < answered; t++) {
                y[o * answered + t] = bias.at(o);
            }
        }
        for (int i = 0; i < in; i++) {
            for (int j = 0; j < out / groups; j++) {
                int channel = i / (in / groups) * (out / groups) + j;
                for (int t = 0; t < length; t++) {
                    for (int k = 0; k < TAPS; k++) {
                        y[channel * answered + 2 * t + k] +=
                                weight.at((i * (out / groups) + j) * TAPS + k) * x[i * length + t];
                    }
                }
            }
        }
        return y;
    }

    private static void assertClose(double[] actual, double[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            assertThat(actual[i]).as("element %d", i).isCloseTo(expected[i], within(ROUNDING));
        }
    }

    @ParameterizedTest
    @CsvSource({"AFTER, 1", "AFTER, 2", "AFTER, 4", "BEFORE, 1", "BEFORE, 2", "BEFORE, 4"})
    void intoAConvolution(Position position, int groups) {
        int in = 4;
        int out = 8;
        int padding = position == Position.AFTER ? 2 : 0;
        Tensor weight =
                Tensor.of(Shape.of(out, in / groups, TAPS), random(out * in / groups * TAPS));
        Tensor bias = Tensor.of(Shape.of(out), random(out));
        Affine affine = affine(position == Position.AFTER ? out : in);
        Folded folded =
                Folding.fold(
                        affine,
                        position,
                        new LinearMap(Kind.CONV, weight, bias, null, padding > 0));
        double[] x = random(in * LENGTH);
        double[] both =
                position == Position.AFTER
                        ? normalize(affine, convolve(x, in, out, groups, padding, weight, bias))
                        : convolve(normalize(affine, x), in, out, groups, padding, weight, bias);
        assertClose(convolve(x, in, out, groups, padding, folded.weight(), folded.bias()), both);
    }

    @ParameterizedTest
    @CsvSource({"1", "2", "4"})
    void intoATransposedConvolution(int groups) {
        int in = 4;
        int out = 8;
        Tensor weight =
                Tensor.of(Shape.of(in, out / groups, TAPS), random(in * out / groups * TAPS));
        Tensor bias = Tensor.of(Shape.of(out), random(out));
        Affine affine = affine(out);
        Folded folded =
                Folding.fold(
                        affine,
                        Position.AFTER,
                        new LinearMap(Kind.CONV_TRANSPOSE, weight, bias, groups, true));
        double[] x = random(in * LENGTH);
        assertClose(
                convolveTransposed(x, in, out, groups, folded.weight(), folded.bias()),
                normalize(affine, convolveTransposed(x, in, out, groups, weight, bias)));
    }

    @ParameterizedTest
    @CsvSource({"AFTER", "BEFORE"})
    void intoALinearLayerWithoutABias(Position position) {
        int in = 5;
        int out = 3;
        Tensor weight = Tensor.of(Shape.of(out, in), random(out * in));
        Affine affine = affine(position == Position.AFTER ? out : in);
        Folded folded =
                Folding.fold(
                        affine, position, new LinearMap(Kind.LINEAR, weight, null, null, false));
        double[] x = random(in);
        Tensor none = Tensor.of(Shape.of(out), new double[out]);
        double[] both =
                position == Position.AFTER
                        ? normalize(affine, multiply(weight, none, x))
                        : multiply(weight, none, normalize(affine, x));
        assertClose(multiply(folded.weight(), folded.bias(), x), both);
    }

    private static double[] multiply(Tensor weight, Tensor bias, double[] x) {
        double[] y = new double[weight.shape().dimension(0)];
        for (int o = 0; o < y.length; o++) {
            y[o] = bias.at(o);
            for (int i = 0; i < x.length; i++) {
                y[o] += weight.at(o * x.length + i) * x[i];
            }
        }
        return y;
    }

    @Test
    void answersInTheWeightsDatatypeRoundedOnce() {
        Affine affine = affine(1);
        Tensor weight = Tensor.of(Shape.of(1, 1), DataType.BF16, new float[] {1.5f});
        Folded folded =
                Folding.fold(
                        affine,
                        Position.AFTER,
                        new LinearMap(Kind.LINEAR, weight, null, null, false));
        assertThat(folded.weight().dataType()).isEqualTo(DataType.BF16);
        assertThat(folded.bias().dataType()).isEqualTo(DataType.BF16);
        assertThat(folded.weight().at(0)).isEqualTo(DataType.BF16.narrow(1.5 * affine.scale()[0]));
    }

    @Test
    void refusesWhatNoWeightsCompute() {
        Tensor weight = Tensor.of(Shape.of(4, 4, TAPS), random(4 * 4 * TAPS));
        assertThatThrownBy(() -> fold(Position.BEFORE, Kind.CONV, weight, true))
                .isInstanceOf(InexactFold.class)
                .hasMessageContaining("padding 0");
        assertThatThrownBy(() -> fold(Position.BEFORE, Kind.CONV_TRANSPOSE, weight, false))
                .isInstanceOf(InexactFold.class)
                .hasMessageContaining("border");
    }

    @ParameterizedTest
    @CsvSource({
        "AFTER, CONV, 5, 4",
        "BEFORE, CONV, 4, 3",
        "BEFORE, CONV, 3, 2",
        "BEFORE, CONV, 4, 5",
        "AFTER, CONV_TRANSPOSE, 3, 2",
        "AFTER, CONV_TRANSPOSE, 4, 8"
    })
    void refusesWeightsThatDoNotFit(Position position, Kind kind, int rows, int columns) {
        Tensor weight = Tensor.of(Shape.of(rows, columns, TAPS), random(rows * columns * TAPS));
        assertThatThrownBy(() -> fold(position, kind, weight, false))
                .isInstanceOf(ShapeMismatch.class)
                .hasMessageContaining("4 features");
    }

    private Folded fold(Position position, Kind kind, Tensor weight, boolean padded) {
        return Folding.fold(affine(4), position, new LinearMap(kind, weight, null, null, padded));
    }

    @ParameterizedTest
    @CsvSource({"AFTER", "BEFORE"})
    void refusesABiasThatIsNotOneForEachOutput(Position position) {
        Tensor weight = Tensor.of(Shape.of(4, 4), random(16));
        Tensor bias = Tensor.of(Shape.of(3), random(3));
        assertThatThrownBy(() ->
                        Folding.fold(
                                affine(4),
                                position,
                                new LinearMap(Kind.LINEAR, weight, bias, null, false)))
                .isInstanceOf(ShapeMismatch.class)
                .hasMessageStartingWith("bias has shape [3], but must have [4]");
    }

    @Test
    void whatCameInfiniteMayGoOutInfinite() {
        Tensor weight = Tensor.of(Shape.of(1, 1), 1f);
        Tensor bias = Tensor.of(Shape.of(1), Float.POSITIVE_INFINITY);
        Folded folded =
                Folding.fold(
                        affine(1),
                        Position.BEFORE,
                        new LinearMap(Kind.LINEAR, weight, bias, null, false));
        assertThat(folded.bias().at(0)).isInfinite();
        assertThat(folded.weight().at(0)).isFinite();
    }

    @ParameterizedTest
    @CsvSource({"3e38, , weight[0][0]", "3e38, 0, weight[0][0]", "0, 3e38, bias[0]"})
    void refusesWhatOverflows(float factor, @Nullable Float addend, String name) {
        Tensor weight = Tensor.of(Shape.of(1, 1), factor);
        Tensor bias = addend == null ? null : Tensor.of(Shape.of(1), (float) addend);
        Affine steep =
                Affine.of(
                        new RunningStatistics(new double[1], new double[] {1}, 1),
                        new Parameters(new double[] {10}, null),
                        Convention.PYTORCH.config());
        assertThatThrownBy(() ->
                        Folding.fold(
                                steep,
                                Position.AFTER,
                                new LinearMap(Kind.LINEAR, weight, bias, null, false)))
                .isInstanceOf(NonFiniteResult.class)
                .hasMessageStartingWith(name + " overflows FP32");
    }
}
