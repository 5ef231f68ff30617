package batchnorm.normalization;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.fixtures.RandomSeed;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Against 100-digit arithmetic.
class DoubleDoubleTest {
    private static final MathContext DIGITS = new MathContext(100);

    /// For sums of one sign, products and quotients: "a few" `2⁻¹⁰⁶` means at most eight.
    @Test
    void keepsTwiceTheDigitsOfADouble() {
        Random random = RandomSeed.random(1);
        for (int i = 0; i < 1000; i++) {
            DoubleDouble a = positive(random);
            DoubleDouble b = positive(random);
            double c = random.nextDouble();
            check(a.plus(b), exact(a).add(exact(b)));
            check(a.plus(c), exact(a).add(new BigDecimal(c)));
            check(a.times(b), exact(a).multiply(exact(b)));
            check(a.times(c), exact(a).multiply(new BigDecimal(c)));
            check(a.dividedBy(c), exact(a).divide(new BigDecimal(c), DIGITS));
            check(a.dividedBy(b), exact(a).divide(exact(b), DIGITS));
        }
    }

    /// After the high parts cancel, the remainder has all its digits.
    @Test
    void losesNothingWhereHighPartsCancel() {
        DoubleDouble a = new DoubleDouble(1, 0x1p-54);
        DoubleDouble b = new DoubleDouble(1, -0x1p-108);
        assertThat(a.minus(b)).isEqualTo(new DoubleDouble(0x1p-54, 0x1p-108));
        assertThat(a.plus(-1.0)).isEqualTo(new DoubleDouble(0x1p-54, 0));
    }

    @Test
    void becomesNotANumberBeyondTheRangeOfADouble() {
        DoubleDouble largest = new DoubleDouble(Double.MAX_VALUE, 0);
        assertThat(largest.plus(largest).rounded()).isNaN();
        assertThat(largest.times(2.0).rounded()).isNaN();
    }

    private static DoubleDouble positive(Random random) {
        double high = 1 + random.nextDouble();
        return new DoubleDouble(high, (random.nextDouble() - 0.5) * Math.ulp(high));
    }

    private static void check(DoubleDouble got, BigDecimal exact) {
        double error = exact(got).subtract(exact).abs().doubleValue();
        assertThat(error).isLessThanOrEqualTo(8 * 0x1p-106 * exact.doubleValue());
    }

    private static BigDecimal exact(DoubleDouble value) {
        return new BigDecimal(value.high()).add(new BigDecimal(value.low()));
    }
}
