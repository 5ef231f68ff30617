package batchnorm.normalization;

import static batchnorm.fixtures.RandomArrays.gaussian;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import batchnorm.fixtures.RandomSeed;
import batchnorm.kernel.Kernel;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Properties of batch normalization for any batch.
///
/// Sums of n terms of order 1 depend on their order by at most n·2^-53 relative to the terms, here
/// below 1e-13.
class PropertiesTest {
    private static final double ROUNDING = 1e-12;
    private final BatchNormalization operator = new BatchNormalization(Kernel.fastest());
    private final Config config = Convention.PYTORCH.config();

    static LongStream streams() {
        return LongStream.range(0, 20);
    }

    @ParameterizedTest(name = "stream {0}")
    @MethodSource("streams")
    void permutingRowsPermutesOutputs(long stream) {
        Batch batch = new Batch(stream);
        int[] order = shuffled(batch.random, batch.rows);
        double[] moved = new double[batch.x.length];
        for (int row = 0; row < batch.rows; row++) {
            System.arraycopy(
                    batch.x,
                    order[row] * batch.features,
                    moved,
                    row * batch.features,
                    batch.features);
        }
        double[] y = output(batch, batch.x);
        double[] movedY = output(batch, moved);
        for (int row = 0; row < batch.rows; row++) {
            for (int c = 0; c < batch.features; c++) {
                assertThat(movedY[row * batch.features + c])
                        .isCloseTo(y[order[row] * batch.features + c], within(ROUNDING));
            }
        }
    }

    @ParameterizedTest(name = "stream {0}")
    @MethodSource("streams")
    void channelsDoNotKnowEachOther(long stream) {
        Batch batch = new Batch(stream);
        double[] together = output(batch, batch.x);
        for (int c = 0; c < batch.features; c++) {
            double[] alone = new double[batch.rows];
            for (int row = 0; row < batch.rows; row++) {
                alone[row] = batch.x[row * batch.features + c];
            }
            Tensor column = Tensor.of(Shape.of(batch.rows, 1), alone);
            Tensor y =
                    operator.output(
                            operator.train(
                                    column,
                                    operator.statistics(column, config),
                                    Parameters.initial(config, 1),
                                    config));
            for (int row = 0; row < batch.rows; row++) {
                assertThat(y.at(row))
                        .isCloseTo(together[row * batch.features + c], within(ROUNDING));
            }
        }
    }

    @ParameterizedTest(name = "stream {0}")
    @MethodSource("streams")
    void theOutputHasMeanZeroAndTheVarianceThatEpsilonLeaves(long stream) {
        Batch batch = new Batch(stream);
        Tensor y = Tensor.of(batch.shape, output(batch, batch.x));
        BatchStatistics before = operator.statistics(Tensor.of(batch.shape, batch.x), config);
        BatchStatistics after = operator.statistics(y, config);
        for (int c = 0; c < batch.features; c++) {
            double variance = before.variance()[c];
            assertThat(after.mean()[c]).isCloseTo(0, within(ROUNDING));
            assertThat(after.variance()[c])
                    .isCloseTo(variance / (variance + config.epsilon()), within(ROUNDING));
        }
    }

    @ParameterizedTest(name = "stream {0}")
    @MethodSource("streams")
    void backwardIsLinearInItsGradient(long stream) {
        Batch batch = new Batch(stream);
        Tensor input = Tensor.of(batch.shape, batch.x);
        BatchPass pass =
                operator.train(
                        input,
                        operator.statistics(input, config),
                        Parameters.initial(config, batch.features),
                        config);
        double[] a = gaussian(batch.random, batch.x.length);
        double[] b = gaussian(batch.random, batch.x.length);
        double[] sum = new double[a.length];
        for (int i = 0; i < a.length; i++) {
            sum[i] = 2 * a[i] - 3 * b[i];
        }
        Tensor ofA = operator.backward(pass, Tensor.of(batch.shape, a)).input();
        Tensor ofB = operator.backward(pass, Tensor.of(batch.shape, b)).input();
        Tensor ofSum = operator.backward(pass, Tensor.of(batch.shape, sum)).input();
        double scale = 0;
        for (double s : pass.scale()) {
            scale = Math.max(scale, s);
        }
        for (int i = 0; i < a.length; i++) {
            assertThat(ofSum.at(i))
                    .isCloseTo(2 * ofA.at(i) - 3 * ofB.at(i), within(ROUNDING * scale));
        }
    }

    private double[] output(Batch batch, double[] x) {
        Tensor input = Tensor.of(batch.shape, x);
        Tensor y =
                operator.output(
                        operator.train(
                                input,
                                operator.statistics(input, config),
                                Parameters.initial(config, batch.features),
                                config));
        double[] values = new double[x.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = y.at(i);
        }
        return values;
    }

    /// Random rows of random size.
    private static final class Batch {
        final Random random;
        final int rows;
        final int features;
        final Shape shape;
        final double[] x;

        Batch(long stream) {
            random = RandomSeed.random(stream);
            rows = 2 + random.nextInt(60);
            features = 1 + random.nextInt(20);
            shape = Shape.of(rows, features);
            x = gaussian(random, rows * features);
        }
    }

    private static int[] shuffled(Random random, int count) {
        int[] order = new int[count];
        for (int i = 0; i < count; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }
}
