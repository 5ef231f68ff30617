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
                                b.dy(), b.x(), weights, outer, channels, inner, center, scale,
                                offset, slope, wide))
                .isTrue();
        assertThat(
                        kernel.inputGradient(
                                Batch.floats(b.dy()),
                                Batch.floats(b.x()),
                                weights,
                                outer,
                                channels,
                                inner,
                                center,
                                scale,
                                offset,
                                slope,
                                narrow))
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
                                new double[] {5, 5}, x, weights, 2, 1, 1, NONE, ONE, ONE, ONE, dx))
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
                                    dy, ones, ones, 3, 1, 1, NONE, two, NONE, NONE, new double[3]))
                    .isFalse();
            assertThat(
                            kernel.inputGradient(
                                    narrow,
                                    new float[3],
                                    ones,
                                    3,
                                    1,
                                    1,
                                    NONE,
                                    two,
                                    NONE,
                                    NONE,
                                    new float[3]))
                    .isFalse();
        }
    }
}
