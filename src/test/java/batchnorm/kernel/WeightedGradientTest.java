package batchnorm.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WeightedGradientTest {
    private static final double[] ONE = {1};
    private static final double[] NONE = {0};

    private final WeightedKernel kernel = new WeightedKernel();

    /// Tolerance: four roundings of FP64, or those and one of FP32, of the largest term.
    @ParameterizedTest(name = "[{0}, {1}, {2}]")
    @CsvSource({"7, 3, 1", "5, 2, 7", "2, 3, 40"})
    void goesThroughTheStatisticsAsMuchAsItsValueWeighs(int outer, int channels, int inner) {
        Batch b = Batch.random(outer, channels, inner, 3, 31);
        double[] weights = new double[outer * inner];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = i % 4 * 0.5;
        }
        double[] center = b.parameters(2);
        double[] scale = b.parameters(3);
        double[] offset = b.parameters(-1);
        double[] slope = b.parameters(0.5);
        double[] wide = new double[b.x().length];
        float[] narrow = new float[wide.length];

        assertThat(
                        kernel.inputGradient(
                                Batch.array(outer, channels, inner, b.dy()),
                                Batch.array(outer, channels, inner, b.x()),
                                weights,
                                new GradientMap(center, scale, offset, slope),
                                Batch.array(outer, channels, inner, wide)))
                .isTrue();
        assertThat(
                        kernel.inputGradient(
                                Batch.array(outer, channels, inner, Batch.floats(b.dy())),
                                Batch.array(outer, channels, inner, Batch.floats(b.x())),
                                weights,
                                new GradientMap(center, scale, offset, slope),
                                Batch.array(outer, channels, inner, narrow)))
                .isTrue();

        for (int i = 0; i < wide.length; i++) {
            int c = b.channelOf(i);
            double w = weights[i / (channels * inner) * inner + i % inner];
            double correction = offset[c] + (b.x()[i] - center[c]) * slope[c];
            double expected = scale[c] * (b.dy()[i] - w * correction);
            assertThat(wide[i]).as(b + " " + i).isCloseTo(expected, within(1e-14 * 30));
            assertThat((double) narrow[i]).isCloseTo(expected, within(0x1p-24 * 64));
        }
    }

    @Test
    void doesNotLookAtPadding() {
        double[] dx = new double[2];
        double[] x = {Double.NaN, 1};
        double[] weights = {0, 1};
        assertThat(
                        kernel.inputGradient(
                                Batch.array(2, 1, 1, new double[] {5, 5}),
                                Batch.array(2, 1, 1, x),
                                weights,
                                new GradientMap(NONE, ONE, ONE, ONE),
                                Batch.array(2, 1, 1, dx)))
                .isTrue();
        assertThat(dx).containsExactly(5, 3);
    }

    @Test
    void saysWhenItOverflows() {
        double[] two = {2};
        for (int at = 0; at < 3; at++) {
            double[] dy = new double[3];
            float[] narrow = new float[3];
            dy[at] = Double.MAX_VALUE;
            narrow[at] = Float.MAX_VALUE;
            double[] ones = {1, 1, 1};
            assertThat(
                            kernel.inputGradient(
                                    Batch.array(3, 1, 1, dy),
                                    Batch.array(3, 1, 1, ones),
                                    ones,
                                    new GradientMap(NONE, two, NONE, NONE),
                                    Batch.array(3, 1, 1, new double[3])))
                    .isFalse();
            assertThat(
                            kernel.inputGradient(
                                    Batch.array(3, 1, 1, narrow),
                                    Batch.array(3, 1, 1, new float[3]),
                                    ones,
                                    new GradientMap(NONE, two, NONE, NONE),
                                    Batch.array(3, 1, 1, new float[3])))
                    .isFalse();
        }
    }
}
