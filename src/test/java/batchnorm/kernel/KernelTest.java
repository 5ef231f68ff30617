package batchnorm.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import batchnorm.fixtures.RandomSeed;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The contract of every kernel.
class KernelTest {
    private static final MathContext EXACT = new MathContext(60);

    static List<Kernel> kernels() {
        return List.of(new ScalarKernel(), new VectorKernel(1), new VectorKernel(2));
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void agreesWithDecimalArithmetic(Kernel kernel) {
        for (int inner : new int[] {1, 2, 5, 16, 18, 49}) {
            for (double mean : new double[] {0, 5, -1e6}) {
                assertExact(kernel, Batch.random(7, 3, inner, mean, 1));
            }
        }
        assertExact(kernel, Batch.random(Blocks.BLOCK + 3, 2, 1, 1e6, 1));
        assertExact(kernel, Batch.random(2, 2, Blocks.BLOCK + 3, 1e6, 1));
    }

    private static void assertExact(Kernel kernel, Batch b) {
        Results wide = Results.wide(kernel, b);
        Results narrow = Results.narrow(kernel, b);
        double[] center = b.parameters(0.5);
        double[] scale = b.parameters(2);
        double[] shift = b.parameters(-1);
        for (int channel = 0; channel < b.channels(); channel++) {
            assertMoments(wide, b, channel);
            assertMoments(narrow, b, channel);
            assertSums(wide, b, channel, center[channel]);
            assertSums(narrow, b, channel, center[channel]);
        }
        for (int i = 0; i < b.x().length; i++) {
            int c = b.channelOf(i);
            BigDecimal distance = big(b.x()[i]).subtract(big(center[c]));
            BigDecimal y = distance.multiply(big(scale[c])).add(big(shift[c]));
            BigDecimal dx =
                    big(b.dy()[i])
                            .subtract(big(shift[c]))
                            .subtract(distance.multiply(big(scale[c])))
                            .multiply(big(scale[c]));
            double size = Math.abs(distance.doubleValue()) * 9 + 9;
            assertThat(wide.y()[i]).isCloseTo(y.doubleValue(), within(1e-15 * size));
            assertThat(wide.dx()[i]).isCloseTo(dx.doubleValue(), within(1e-15 * size));
            assertThat(narrow.y()[i]).isCloseTo(y.doubleValue(), within(2e-7 * size));
            assertThat(narrow.dx()[i]).isCloseTo(dx.doubleValue(), within(3e-7 * size));
        }
        assertThat(wide.finite() && wide.gradientFinite()).isTrue();
        assertThat(narrow.finite() && narrow.gradientFinite()).isTrue();
    }

    private static void assertMoments(Results results, Batch b, int channel) {
        BigDecimal sum = BigDecimal.ZERO;
        BigDecimal squares = BigDecimal.ZERO;
        for (int i = 0; i < b.x().length; i++) {
            if (b.channelOf(i) == channel) {
                sum = sum.add(big(b.x()[i]));
                squares = squares.add(big(b.x()[i]).pow(2));
            }
        }
        BigDecimal mean = sum.divide(big(b.outer() * b.inner()), EXACT);
        double m2 = squares.subtract(mean.multiply(sum)).doubleValue();
        assertThat(results.mean()[channel])
                .as("mean of %s", b)
                .isCloseTo(mean.doubleValue(), within(1e-15 * (1 + Math.abs(mean.doubleValue()))));
        assertThat(results.m2()[channel]).as("m2 of %s", b).isCloseTo(m2, within(1e-13 * m2));
    }

    private static void assertSums(Results results, Batch b, int channel, double center) {
        BigDecimal sum = BigDecimal.ZERO;
        BigDecimal product = BigDecimal.ZERO;
        double size = 0;
        for (int i = 0; i < b.x().length; i++) {
            if (b.channelOf(i) == channel) {
                BigDecimal term = big(b.dy()[i]).multiply(big(b.x()[i]).subtract(big(center)));
                sum = sum.add(big(b.dy()[i]));
                product = product.add(term);
                size += Math.abs(term.doubleValue());
            }
        }
        assertThat(results.sum()[channel])
                .as("sum of %s", b)
                .isCloseTo(sum.doubleValue(), within(1e-13 * (1 + Math.abs(sum.doubleValue()))));
        assertThat(results.product()[channel])
                .as("product of %s", b)
                .isCloseTo(product.doubleValue(), within(1e-14 * size));
    }

    private static BigDecimal big(double value) {
        return new BigDecimal(value);
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void aConstantChannelHasExactlyThatMeanAndNoSpread(Kernel kernel) {
        double constant = 0.1;
        for (int[] shape : new int[][] {{5000, 3, 1}, {3, 3, 5000}, {60, 2, 49}, {900, 2, 3}}) {
            double[] x = new double[shape[0] * shape[1] * shape[2]];
            Arrays.fill(x, constant);
            for (boolean narrow : new boolean[] {false, true}) {
                ChannelMoments moments =
                        kernel.moments(
                                narrow
                                        ? Batch.array(shape[0], shape[1], shape[2], Batch.floats(x))
                                        : Batch.array(shape[0], shape[1], shape[2], x));
                assertThat(moments.mean()).containsOnly(narrow ? (float) constant : constant);
                assertThat(moments.m2()).containsOnly(0);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void anEmptyBatchHasNoMoments(Kernel kernel) {
        ChannelMoments moments = kernel.moments(Batch.array(0, 2, 5, new double[0]));
        assertThat(moments.mean()).containsExactly(0, 0);
        assertThat(moments.rest()).containsExactly(0, 0);
        assertThat(moments.m2()).containsExactly(0, 0);
    }

    /// Mean and remainder together err by units in the last place of the spread 1. The mean alone
    /// errs by units in the last place of a million.
    @ParameterizedTest
    @MethodSource("kernels")
    void keepsWhatRoundingLeftOfAMean(Kernel kernel) {
        Batch b = Batch.random(5000, 1, 1, 1e6, 7);
        ChannelMoments moments = kernel.moments(Batch.array(5000, 1, 1, b.x()));
        double[] mean = moments.mean();
        double[] rest = moments.rest();
        BigDecimal exact = BigDecimal.ZERO;
        for (double x : b.x()) {
            exact = exact.add(big(x));
        }
        exact = exact.divide(big(5000), EXACT);
        assertThat(rest[0]).isNotZero();
        assertThat(exact.subtract(big(mean[0])).subtract(big(rest[0])).doubleValue())
                .isCloseTo(0, within(1e-15));
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void anOutlierAsTheFirstValueCostsFewBits(Kernel kernel) {
        double[] x = new double[Blocks.BLOCK];
        Arrays.setAll(x, i -> i == 0 ? 1e9 : Math.sin(i));
        double[] m2 = kernel.moments(Batch.array(1, 1, x.length, x)).m2();
        double share = 1.0 / x.length;
        assertThat(m2[0]).isCloseTo(1e18 * (1 - share), within(1e18 * 1e-12));
    }

    /// Squares of 2⁻⁵³⁸ underflow in binary64; the square of their sum does not.
    @ParameterizedTest
    @MethodSource("kernels")
    void m2IsNeverNegative(Kernel kernel) {
        double[] x = new double[Blocks.BLOCK];
        Arrays.fill(x, 1, x.length, 0x1p-538);
        assertThat(kernel.moments(Batch.array(1, 1, x.length, x)).m2()[0]).isZero();
        assertThat(kernel.moments(Batch.array(x.length, 1, 1, x)).m2()[0]).isZero();
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void aValueThatIsNotFiniteShowsInItsChannelOnly(Kernel kernel) {
        Random random = RandomSeed.random(11);
        for (int[] shape : new int[][] {{4500, 3, 1}, {3, 3, 4500}, {60, 3, 49}, {900, 3, 3}}) {
            for (double bad : new double[] {Double.NaN, 1 / 0.0, -1 / 0.0}) {
                Batch b = Batch.random(shape[0], shape[1], shape[2], 0, 5);
                assertFlawShows(kernel, b, random.nextInt(b.x().length), bad);
                assertFlawShows(kernel, b, b.x().length - 1, bad);
            }
        }
    }

    private static void assertFlawShows(Kernel kernel, Batch b, int at, double bad) {
        double good = b.x()[at];
        b.x()[at] = bad;
        assertOnlyFlaw(Results.wide(kernel, b), b.channelOf(at), at);
        assertOnlyFlaw(Results.narrow(kernel, b), b.channelOf(at), at);
        b.x()[at] = good;
    }

    private static void assertOnlyFlaw(Results results, int channel, int at) {
        for (int c = 0; c < results.m2().length; c++) {
            assertThat(Double.isFinite(results.m2()[c])).as("channel " + c).isEqualTo(c != channel);
        }
        for (int i = 0; i < results.y().length; i++) {
            assertThat(Double.isFinite(results.y()[i])).as("element " + i).isEqualTo(i != at);
        }
        assertThat(results.finite()).isFalse();
        assertThat(results.gradientFinite()).isFalse();
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void reportsOverflowOfAFiniteBatch(Kernel kernel) {
        double[] none = {0};
        double[] one = {1};
        for (int length : new int[] {1, 5, 16, 21, 64}) {
            for (int at = 0; at < length; at++) {
                float[] x = new float[length];
                x[at] = Float.MAX_VALUE;
                float[] y = new float[length];
                assertThat(
                                kernel.normalize(
                                        Batch.array(1, 1, length, x),
                                        new AffineMap(none, one, none),
                                        Batch.array(1, 1, length, y)))
                        .isTrue();
                assertThat(y).isEqualTo(x);
                assertThat(
                                kernel.normalize(
                                        Batch.array(1, 1, length, x),
                                        new AffineMap(none, new double[] {1.1}, none),
                                        Batch.array(1, 1, length, y)))
                        .isFalse();
                assertThat(
                                kernel.normalize(
                                        Batch.array(length, 1, 1, x),
                                        new AffineMap(none, new double[] {-1.1}, none),
                                        Batch.array(length, 1, 1, y)))
                        .isFalse();
                assertThat(
                                kernel.inputGradient(
                                        Batch.array(1, 1, length, x),
                                        Batch.array(1, 1, length, x),
                                        new GradientMap(none, new double[] {2}, none, none),
                                        Batch.array(1, 1, length, y)))
                        .isFalse();
                assertThat(
                                kernel.inputGradient(
                                        Batch.array(length, 1, 1, x),
                                        Batch.array(length, 1, 1, x),
                                        new GradientMap(none, one, none, none),
                                        Batch.array(length, 1, 1, y)))
                        .isTrue();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void survivesOverflowInsideAnFp32Formula(Kernel kernel) {
        float[] x = {3e38f, -3e38f};
        float[] y = new float[2];
        assertThat(
                        kernel.normalize(
                                Batch.array(2, 1, 1, x),
                                new AffineMap(
                                        new double[] {-3e38},
                                        new double[] {1e-45},
                                        new double[] {0}),
                                Batch.array(2, 1, 1, y)))
                .isTrue();
        assertThat(y[0]).isCloseTo(6e-7f, within(1e-9f));
        assertThat(y[1]).isCloseTo(0f, within(1e-12f));
    }
}
