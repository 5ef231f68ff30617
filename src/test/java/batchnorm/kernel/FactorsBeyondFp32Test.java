package batchnorm.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// FP32 data with factors out of range for FP32, in long planes and in columns. Computed in
/// binary64 and rounded once: a relative 2⁻²⁴. One channel of 150 values.
class FactorsBeyondFp32Test {
    private static final String KERNELS = "batchnorm.kernel.KernelTest#kernels";
    private static final int ROWS = 3;
    private static final int COLUMNS = 50;
    private static final int COUNT = ROWS * COLUMNS;
    private static final double[] NONE = {0};
    private static final double[] ONE = {1};

    private static float[] values(double size) {
        return Batch.floats(
                Arrays.stream(Batch.random(ROWS, 1, COLUMNS, 0.5, 3).x())
                        .map(x -> x * size)
                        .toArray());
    }

    private static float[] gradients(double size) {
        return Batch.floats(
                Arrays.stream(Batch.random(ROWS, 1, COLUMNS, 0, 4).dy())
                        .map(dy -> dy * size)
                        .toArray());
    }

    private static void assertClose(float actual, double expected, double size) {
        assertThat((double) actual).isCloseTo(expected, within(size * 0x1p-23));
    }

    @ParameterizedTest
    @MethodSource(KERNELS)
    void normalize(Kernel kernel) {
        float[] x = values(1e37);
        double[] center = {1e36};
        double[] scale = {1e-40};
        for (int inner : new int[] {COLUMNS, 1}) {
            float[] y = new float[COUNT];
            assertThat(
                            kernel.normalize(
                                    Batch.array(COUNT / inner, 1, inner, x),
                                    new AffineMap(center, scale, new double[] {2}),
                                    Batch.array(COUNT / inner, 1, inner, y)))
                    .isTrue();
            for (int i = 0; i < COUNT; i++) {
                assertClose(y[i], 2 + 1e-40 * (x[i] - 1e36), 2);
            }
        }
    }

    @ParameterizedTest
    @MethodSource(KERNELS)
    void sayWhenANormalizationOverflows(Kernel kernel) {
        float[] x = values(1);
        double[] scale = {1e200};
        assertThat(
                        kernel.normalize(
                                Batch.array(1, 1, COUNT, x),
                                new AffineMap(NONE, scale, NONE),
                                Batch.array(1, 1, COUNT, new float[COUNT])))
                .isFalse();
        assertThat(
                        kernel.normalize(
                                Batch.array(COUNT, 1, 1, x),
                                new AffineMap(NONE, scale, NONE),
                                Batch.array(COUNT, 1, 1, new float[COUNT])))
                .isFalse();
    }

    @ParameterizedTest
    @MethodSource(KERNELS)
    void makeAGradient(Kernel kernel) {
        float[] x = values(1e37);
        float[] dy = gradients(1);
        double[] slope = {1e-38 * 1e-2};
        for (int inner : new int[] {COLUMNS, 1}) {
            float[] dx = new float[COUNT];
            assertThat(
                            kernel.inputGradient(
                                    Batch.array(COUNT / inner, 1, inner, dy),
                                    Batch.array(COUNT / inner, 1, inner, x),
                                    new GradientMap(
                                            new double[] {1e36},
                                            new double[] {2},
                                            new double[] {0.5},
                                            slope),
                                    Batch.array(COUNT / inner, 1, inner, dx)))
                    .isTrue();
            for (int i = 0; i < COUNT; i++) {
                double through = dy[i] - 0.5 - (x[i] - 1e36) * slope[0];
                assertClose(dx[i], 2 * through, 2 * (Math.abs(dy[i]) + 1));
            }
        }
    }

    @ParameterizedTest
    @MethodSource(KERNELS)
    void makeATrainingGradientOfLargeOnes(Kernel kernel) {
        assertTrainingGradient(kernel, values(1), gradients(1e37), 1, 1e-40);
    }

    @ParameterizedTest
    @MethodSource(KERNELS)
    void makeATrainingGradientOfSubnormalValues(Kernel kernel) {
        assertTrainingGradient(kernel, values(1e-40), gradients(1), 1e40, 3);
    }

    private static void assertTrainingGradient(
            Kernel kernel, float[] x, float[] dy, double inverse, double scale) {
        double sum = 0;
        double product = 0;
        double largest = 0;
        for (int i = 0; i < COUNT; i++) {
            sum += dy[i];
            product += (double) dy[i] * x[i];
            largest = Math.max(largest, Math.abs(dy[i]));
        }
        float[] dx = new float[COUNT];
        double[] sums = new double[1];
        double[] products = new double[1];
        assertThat(
                        kernel.trainingGradient(
                                Batch.array(ROWS, 1, COLUMNS, dy),
                                Batch.array(ROWS, 1, COLUMNS, x),
                                NONE,
                                new double[] {inverse},
                                new double[] {scale},
                                new ChannelSums(sums, products),
                                Batch.array(ROWS, 1, COLUMNS, dx)))
                .isTrue();
        for (int i = 0; i < COUNT; i++) {
            double correction = sum / COUNT + x[i] * inverse * inverse * product / COUNT;
            assertClose(dx[i], scale * (dy[i] - correction), scale * largest * 4);
        }
        assertThat(sums[0]).isCloseTo(sum, within(1e-13 * largest * COUNT));
        assertThat(products[0]).isCloseTo(product, within(1e-12 * Math.abs(product)));
    }

    @ParameterizedTest
    @MethodSource(KERNELS)
    void sayWhenATrainingGradientOverflows(Kernel kernel) {
        sayWhenATrainingGradientOverflows(kernel, COLUMNS);
        sayWhenATrainingGradientOverflows(kernel, 1);
    }

    private static void sayWhenATrainingGradientOverflows(Kernel kernel, int inner) {
        float[] x = new float[COUNT];
        for (int at : new int[] {0, 77, COUNT - 1}) {
            float[] dy = new float[COUNT];
            dy[at] = Float.MAX_VALUE;
            for (double factor : new double[] {1, 1.1, 1e200}) {
                assertThat(
                                kernel.trainingGradient(
                                        Batch.array(COUNT / inner, 1, inner, dy),
                                        Batch.array(COUNT / inner, 1, inner, x),
                                        NONE,
                                        ONE,
                                        new double[] {factor},
                                        new ChannelSums(new double[1], new double[1]),
                                        Batch.array(COUNT / inner, 1, inner, new float[COUNT])))
                        .isEqualTo(factor == 1);
            }
            double[] wide = new double[COUNT];
            wide[at] = Double.MAX_VALUE;
            for (double factor : new double[] {1, 1.1}) {
                assertThat(
                                kernel.trainingGradient(
                                        Batch.array(COUNT / inner, 1, inner, wide),
                                        Batch.array(COUNT / inner, 1, inner, new double[COUNT]),
                                        NONE,
                                        ONE,
                                        new double[] {factor},
                                        new ChannelSums(new double[1], new double[1]),
                                        Batch.array(COUNT / inner, 1, inner, new double[COUNT])))
                        .isEqualTo(factor == 1);
            }
        }
    }
}
