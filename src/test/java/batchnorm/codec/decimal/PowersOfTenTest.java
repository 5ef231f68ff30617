package batchnorm.codec.decimal;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import org.junit.jupiter.api.Test;

class PowersOfTenTest {
    private static final BigInteger LOWER_HALF = BigInteger.ONE.shiftLeft(64);

    /// 128 bits, rounded towards zero: `significand · 2^s ≤ 10^e < (significand + 1) · 2^s`.
    @Test
    void areTheirFirstBits() {
        for (int exponent = PowersOfTen.SMALLEST; exponent <= PowersOfTen.LARGEST; exponent++) {
            BigInteger significand =
                    unsigned(PowersOfTen.high(exponent))
                            .multiply(LOWER_HALF)
                            .add(unsigned(PowersOfTen.low(exponent)));
            assertThat(significand.bitLength()).as("10^%d", exponent).isEqualTo(128);
            int bits = (int) Math.floor(exponent * Math.log(10) / Math.log(2)) - 127;
            BigDecimal power = BigDecimal.ONE.scaleByPowerOfTen(exponent);
            BigDecimal scaled = power.multiply(BigDecimal.TWO.pow(Math.max(-bits, 0)));
            BigDecimal step = BigDecimal.TWO.pow(Math.max(bits, 0));
            assertThat(scaled.subtract(new BigDecimal(significand).multiply(step)))
                    .as("10^%d", exponent)
                    .isGreaterThanOrEqualTo(BigDecimal.ZERO)
                    .isLessThan(step);
        }
    }

    @Test
    void areExactWhereBinary64HoldsThem() {
        assertThat(PowersOfTen.LARGEST_EXACT).isEqualTo(22);
        for (int exponent = 0; exponent <= PowersOfTen.LARGEST_EXACT; exponent++) {
            assertThat(new BigDecimal(PowersOfTen.exact(exponent)))
                    .isEqualByComparingTo(BigDecimal.TEN.pow(exponent));
        }
    }

    private static BigInteger unsigned(long bits) {
        return new BigInteger(Long.toUnsignedString(bits));
    }
}
