package batchnorm.normalization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.fixtures.RandomSeed;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Compares with the definition in 50-digit arithmetic.
class MeanOfVariancesTest {
    private static final MathContext DIGITS = new MathContext(50);
    private static final Config UNBIASED = Convention.PYTORCH.config();
    private static final Config BIASED = Convention.KERAS.config();

    @Test
    void giveEachBatchTheSameWeightHoweverLargeItIs() {
        MeanOfVariances means =
                MeanOfVariances.ofNone(1)
                        .plus(moments(1000, 0, 1000), BIASED)
                        .plus(moments(0, 0, 0), BIASED)
                        .plus(moments(2, 4, 6), BIASED);
        RunningStatistics statistics = means.rounded(BIASED);
        assertThat(statistics.mean()).containsExactly(2);
        assertThat(statistics.variance()).containsExactly(2);
        assertThat(statistics.batches()).isEqualTo(2);
    }

    /// Each variance is rounded once before the sum: half an ulp, and that of the mean.
    @Test
    void areWithinTwoUlpsOfTheBatchesBesselCorrectedVariances() {
        Random random = RandomSeed.random(1);
        MeanOfVariances means = MeanOfVariances.ofNone(1);
        BigDecimal mean = BigDecimal.ZERO;
        BigDecimal variance = BigDecimal.ZERO;
        int batches = 300;
        for (int i = 0; i < batches; i++) {
            int count = 2 + random.nextInt(1000);
            Moments batch =
                    moments(count, 1e8 + random.nextGaussian(), count * random.nextDouble());
            means = means.plus(batch, UNBIASED);
            mean = mean.add(new BigDecimal(batch.mean()[0]));
            variance =
                    variance.add(
                            new BigDecimal(batch.m2()[0])
                                    .divide(BigDecimal.valueOf(count - 1L), DIGITS));
        }
        RunningStatistics statistics = means.rounded(UNBIASED);
        assertClose(statistics.mean()[0], mean.divide(BigDecimal.valueOf(batches), DIGITS));
        assertClose(statistics.variance()[0], variance.divide(BigDecimal.valueOf(batches), DIGITS));
    }

    private static void assertClose(double actual, BigDecimal exact) {
        assertThat(new BigDecimal(actual).subtract(exact).abs().doubleValue())
                .isLessThanOrEqualTo(2 * Math.ulp(exact.doubleValue()));
    }

    @Test
    void ofNothingOfOtherChannelsAndBeyondBinary64AreRejected() {
        MeanOfVariances none = MeanOfVariances.ofNone(1);
        assertThatThrownBy(() -> none.rounded(BIASED)).isInstanceOf(InvalidMoments.class);
        Moments wide = Moments.of(2, new double[2], new double[2]);
        assertThatThrownBy(() -> none.plus(wide, BIASED)).isInstanceOf(ShapeMismatch.class);
        MeanOfVariances beyond =
                none.plus(moments(2, 1e308, 0), BIASED).plus(moments(2, 1e308, 0), BIASED);
        assertThatThrownBy(() -> beyond.rounded(BIASED)).isInstanceOf(NonFiniteResult.class);
    }

    private static Moments moments(long count, double mean, double m2) {
        return Moments.of(count, new double[] {mean}, new double[] {m2});
    }
}
