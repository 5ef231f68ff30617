package batchnorm.normalization;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.fixtures.RandomSeed;
import batchnorm.kernel.Kernel;
import batchnorm.normalization.PublishedUpdatesTest.Published.Average;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// The running statistics of each convention against the update as its framework publishes it,
/// restated in 50-digit arithmetic with the framework's own state.
class PublishedUpdatesTest {
    private static final MathContext DIGITS = new MathContext(50);
    private static final BigDecimal ONE = BigDecimal.ONE;
    private static final int CHANNELS = 3;

    /// The number of rows of each batch: several sizes, so that Bessel's factor changes.
    private static final int[] BATCHES = {5, 2, 9, 4, 4, 31, 3, 7};

    private final BatchNormalization operator = new BatchNormalization(Kernel.fastest());

    /// @param unbiased whether the variance is divided by `m - 1`
    /// @param initialVariance before the first batch
    record Published(boolean unbiased, double initialVariance, Average average) {

        /// The state of one running value.
        interface Average {
            /// Returns the value for inference, after one more batch.
            BigDecimal next(BigDecimal batch, BigDecimal initial);

            Average fresh();
        }
    }

    /// `running = (1 - factor)·running + factor·batch`, with a factor for each batch.
    private static final class Exponential implements Average {
        private final IntFunction<BigDecimal> factor;
        private BigDecimal running = BigDecimal.ZERO;
        private int batches;

        Exponential(IntFunction<BigDecimal> factor) {
            this.factor = factor;
        }

        @Override
        public BigDecimal next(BigDecimal batch, BigDecimal initial) {
            BigDecimal before = batches++ == 0 ? initial : running;
            BigDecimal weight = factor.apply(batches);
            running = before.multiply(ONE.subtract(weight)).add(batch.multiply(weight), DIGITS);
            return running;
        }

        @Override
        public Average fresh() {
            return new Exponential(factor);
        }
    }

    /// `haiku/_src/moving_averages.py`: `hidden` decays from 0, and the average divides it by `1 -
    /// decay^counter`.
    private static final class Hidden implements Average {
        private final String decay;
        private BigDecimal hidden = BigDecimal.ZERO;
        private int counter;

        Hidden(String decay) {
            this.decay = decay;
        }

        @Override
        public BigDecimal next(BigDecimal batch, BigDecimal initial) {
            BigDecimal kept = new BigDecimal(decay);
            counter++;
            hidden = hidden.multiply(kept).add(batch.multiply(ONE.subtract(kept)), DIGITS);
            return hidden.divide(ONE.subtract(kept.pow(counter)), DIGITS);
        }

        @Override
        public Average fresh() {
            return new Hidden(decay);
        }
    }

    /// `caffe/src/caffe/layers/batch_norm_layer.cpp`: `blobs_[0]` or `[1]` is a sum, `blobs_[2]`
    /// its scale factor.
    private static final class Blobs implements Average {
        private final String fraction;
        private BigDecimal sum = BigDecimal.ZERO;
        private BigDecimal factor = BigDecimal.ZERO;

        Blobs(String fraction) {
            this.fraction = fraction;
        }

        @Override
        public BigDecimal next(BigDecimal batch, BigDecimal initial) {
            BigDecimal kept = new BigDecimal(fraction);
            factor = factor.multiply(kept).add(ONE);
            sum = sum.multiply(kept).add(batch, DIGITS);
            return sum.divide(factor, DIGITS);
        }

        @Override
        public Average fresh() {
            return new Blobs(fraction);
        }
    }

    private static BigDecimal t(int batch) {
        return BigDecimal.valueOf(batch);
    }

    private static Average newWeight(String momentum) {
        return new Exponential(_ -> new BigDecimal(momentum));
    }

    private static Average oldWeight(String momentum) {
        return new Exponential(_ -> ONE.subtract(new BigDecimal(momentum)));
    }

    static Stream<Arguments> published() {
        return Stream.of(
                Arguments.of(Convention.PYTORCH, new Published(true, 1, newWeight("0.1"))),
                Arguments.of(Convention.KERAS, new Published(false, 1, oldWeight("0.99"))),
                Arguments.of(Convention.ONNX, new Published(false, 1, oldWeight("0.9"))),
                Arguments.of(Convention.FLAX, new Published(false, 1, oldWeight("0.99"))),
                Arguments.of(Convention.MXNET, new Published(false, 1, oldWeight("0.9"))),
                Arguments.of(Convention.PADDLE, new Published(false, 1, oldWeight("0.9"))),
                Arguments.of(Convention.DL4J, new Published(false, 1, oldWeight("0.9"))),
                Arguments.of(
                        Convention.DEEP_LEARNING_FROM_SCRATCH,
                        new Published(false, 0, oldWeight("0.9"))),
                Arguments.of(Convention.TENSORFLOW_1, new Published(false, 0, oldWeight("0.999"))),
                // exponential_avg_factor = 1 - momentum of tf.raw_ops.FusedBatchNormV3
                Arguments.of(Convention.KERAS_2_FUSED, new Published(true, 1, oldWeight("0.99"))),
                Arguments.of(Convention.MLX, new Published(true, 1, newWeight("0.1"))),
                Arguments.of(
                        Convention.MLX_BEFORE_2026_07, new Published(false, 1, newWeight("0.1"))),
                Arguments.of(Convention.HAIKU, new Published(false, 0, new Hidden("0.9"))),
                Arguments.of(Convention.CS231N, new Published(false, 0, oldWeight("0.9"))),
                Arguments.of(Convention.CAFFE, new Published(true, 0, new Blobs("0.999"))),
                // factor = 1/(1+n) at the nth call, counted from 0
                Arguments.of(
                        Convention.CUDNN,
                        new Published(true, 0, new Exponential(t -> ONE.divide(t(t), DIGITS)))));
    }

    /// Values stay below 8, where an ulp is 9e-16. Each of eight steps has the roundings of a
    /// batch's statistics, of Bessel's factor and of the update, so that 5e-14 bounds their sum.
    @ParameterizedTest(name = "{0}")
    @MethodSource("published")
    void areTheFrameworks(Convention convention, Published published) {
        Random random = RandomSeed.random(21);
        Config config = convention.config();
        RunningStatistics running = RunningStatistics.initial(config, CHANNELS);
        Average[] means = fresh(published);
        Average[] variances = fresh(published);
        BigDecimal initial = BigDecimal.valueOf(published.initialVariance());
        for (int rows : BATCHES) {
            double[] values = random.doubles((long) rows * CHANNELS, -3, 5).toArray();
            Tensor input = Tensor.of(Shape.of(rows, CHANNELS), values);
            running = running.updated(operator.statistics(input, config), config);
            for (int c = 0; c < CHANNELS; c++) {
                BigDecimal mean = mean(values, c, rows);
                BigDecimal variance = variance(values, c, rows, mean, published.unbiased());
                requireNear(running.mean()[c], means[c].next(mean, BigDecimal.ZERO));
                requireNear(running.variance()[c], variances[c].next(variance, initial));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "PURE_PYTHON")
    void areCheckedForEveryConventionThatKeepsThem(Convention convention) {
        assertThat(published().map(arguments -> arguments.get()[0])).contains(convention);
    }

    private static Average[] fresh(Published published) {
        return Stream.generate(published.average()::fresh).limit(CHANNELS).toArray(Average[]::new);
    }

    private static BigDecimal mean(double[] values, int channel, int rows) {
        BigDecimal sum = BigDecimal.ZERO;
        for (int row = 0; row < rows; row++) {
            sum = sum.add(new BigDecimal(values[row * CHANNELS + channel]));
        }
        return sum.divide(BigDecimal.valueOf(rows), DIGITS);
    }

    private static BigDecimal variance(
            double[] values, int channel, int rows, BigDecimal mean, boolean unbiased) {
        BigDecimal sum = BigDecimal.ZERO;
        for (int row = 0; row < rows; row++) {
            BigDecimal deviation = new BigDecimal(values[row * CHANNELS + channel]).subtract(mean);
            sum = sum.add(deviation.pow(2), DIGITS);
        }
        return sum.divide(BigDecimal.valueOf(unbiased ? rows - 1 : rows), DIGITS);
    }

    private static void requireNear(double actual, BigDecimal expected) {
        assertThat(new BigDecimal(actual).subtract(expected).abs())
                .isLessThan(new BigDecimal("5e-14"));
    }
}
