package batchnorm.normalization;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.normalization.Knob.MomentumMeaning;
import java.math.BigDecimal;
import java.math.MathContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Tests the weight of a batch in a debiased average.
class MomentumTest {
    private static final MathContext DIGITS = new MathContext(60);

    /// The weight kept is the binary64 number of the configuration, so `1 - d` and `d^t` are exact
    /// here. The product with the logarithm, `expm1` and the quotient cost a few roundings.
    @ParameterizedTest
    @ValueSource(doubles = {0.999999, 0.999, 0.99, 0.9, 0.5, 0.25, 1e-9})
    void isTheQuotientOfTheNewWeightAndTheTotal(double kept) {
        Momentum momentum = new Momentum(kept, MomentumMeaning.OLD_WEIGHT, true);
        BigDecimal exact = new BigDecimal(kept);
        for (int t : new int[] {1, 2, 3, 10, 100, 5_000}) {
            BigDecimal total = BigDecimal.ONE.subtract(exact.pow(t, DIGITS));
            double expected = BigDecimal.ONE.subtract(exact).divide(total, DIGITS).doubleValue();
            assertThat(Math.abs(momentum.alpha(t) - expected))
                    .as("batch %d", t)
                    .isLessThanOrEqualTo(4 * Math.ulp(expected));
        }
    }

    @ParameterizedTest
    @EnumSource
    void ofTheFirstBatchIsAll(MomentumMeaning meaning) {
        for (double value : new double[] {0, 0.1, 0.3, 0.9, 0.999, 1}) {
            assertThat(new Momentum(value, meaning, true).alpha(1)).isEqualTo(1);
        }
    }

    @Test
    void meansTheSameInBothMeanings() {
        for (int t = 1; t < 20; t++) {
            assertThat(new Momentum(0.25, MomentumMeaning.NEW_WEIGHT, true).alpha(t))
                    .isEqualTo(new Momentum(0.75, MomentumMeaning.OLD_WEIGHT, true).alpha(t));
        }
    }

    @Test
    void thatKeepsEverythingAveragesAllBatchesAlike() {
        assertThat(new Momentum(1.0, MomentumMeaning.OLD_WEIGHT, true).alpha(8)).isEqualTo(0.125);
        assertThat(new Momentum(0.0, MomentumMeaning.NEW_WEIGHT, true).alpha(8)).isEqualTo(0.125);
    }

    @Test
    void thatKeepsNothingCountsTheLastBatchOnly() {
        assertThat(new Momentum(0.0, MomentumMeaning.OLD_WEIGHT, true).alpha(8)).isEqualTo(1);
    }
}
