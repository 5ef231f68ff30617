package batchnorm.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The order of sums is part of the contract ([Kernel]). Kernels that share code could break it
/// together; only the specified order makes these sums exact.
class SumOrderTest {
    /// Large enough that adding 1 has no effect.
    private static final double LARGE = 0x1p60;

    static List<Kernel> kernels() {
        return List.of(new ScalarKernel(), new VectorKernel(1));
    }

    /// Two large values `step` apart meet and cancel before a 1 is added to either.
    @ParameterizedTest
    @MethodSource("kernels")
    void accumulatorsAreAddedByHalves(Kernel kernel) {
        for (int step = 8; step > 1; step /= 2) {
            double[] dy = new double[Blocks.ACCUMULATORS];
            for (int i = 0; i < dy.length; i++) {
                dy[i] = i % step == 0 ? 0 : 1;
            }
            double ones = Arrays.stream(dy).sum();
            dy[0] = LARGE;
            dy[step] = -LARGE;
            double[] twice = Arrays.copyOf(dy, 2 * dy.length);
            System.arraycopy(dy, 0, twice, dy.length, dy.length);
            // Planes so short that each position is a column, with and without a remainder, and a
            // longer one.
            assertThat(sum(kernel, Arrays.copyOf(dy, dy.length - 1), 1))
                    .as("step " + step)
                    .isEqualTo(ones - dy[dy.length - 1]);
            assertThat(sum(kernel, dy, 1)).as("step " + step).isEqualTo(ones);
            assertThat(sum(kernel, twice, 2)).as("step " + step).isEqualTo(2 * ones);
            assertThat(sum(kernel, twice, 1)).as("step " + step).isEqualTo(2 * ones);
        }
    }

    /// `Σdy` of one channel.
    private static double sum(Kernel kernel, double[] dy, int outer) {
        double[] sum = new double[1];
        kernel.gradientSums(
                Batch.array(outer, 1, dy.length / outer, dy),
                Batch.array(outer, 1, dy.length / outer, new double[dy.length]),
                new double[1],
                new ChannelSums(sum, new double[1]));
        return sum[0];
    }
}
