package batchnorm.codec.decimal;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import org.junit.jupiter.api.Test;

/// Compares with the JDK, whose output is the shortest, too, but has at least two digits.
class ShortestDecimalTest {
    private final ShortestDecimal decimal = new ShortestDecimal();

    @Test
    void isThatOfTheJdkForDoubles() {
        for (double number : AwkwardNumbers.doubles()) {
            decimal.of(number);
            BigDecimal jdk = new BigDecimal(Double.toString(number));
            if (value().compareTo(jdk) != 0) {
                assertThat(value().doubleValue()).isEqualTo(number);
                assertOneDigitInsteadOfTwo(jdk);
            }
        }
    }

    @Test
    void isThatOfTheJdkForFloats() {
        for (float number : AwkwardNumbers.floats()) {
            decimal.of(number);
            BigDecimal jdk = new BigDecimal(Float.toString(number));
            if (value().compareTo(jdk) != 0) {
                assertThat(value().floatValue()).isEqualTo(number);
                assertOneDigitInsteadOfTwo(jdk);
            }
        }
    }

    private void assertOneDigitInsteadOfTwo(BigDecimal jdk) {
        assertThat(value().stripTrailingZeros().precision()).as("%s, %s", value(), jdk).isOne();
        assertThat(jdk.stripTrailingZeros().precision()).as("%s, %s", value(), jdk).isEqualTo(2);
    }

    private BigDecimal value() {
        return BigDecimal.valueOf(decimal.digits).scaleByPowerOfTen(decimal.exponent);
    }

    @Test
    void knowsTheTensOfPowersOfTwo() {
        for (int power = -1074; power < 972; power++) {
            double logarithm = power * Math.log10(2);
            assertThat(ShortestDecimal.floorLog10(power, false))
                    .isEqualTo((int) Math.floor(logarithm));
            assertThat(ShortestDecimal.floorLog10(power, true))
                    .isEqualTo((int) Math.floor(logarithm + Math.log10(0.75)));
        }
    }

    /// `2^power / 10^(scale+1)`, at least a tenth and below 1, times 2^64.
    @Test
    void roundsTheUnitOfAFloatUp() {
        for (int power = -149; power < 105; power++) {
            BigDecimal unit =
                    new BigDecimal(
                            new BigInteger(
                                    Long.toUnsignedString(ShortestDecimal.unitInTens(power))));
            int scale = (int) Math.floor(power * Math.log10(2));
            BigDecimal exact =
                    BigDecimal.TWO
                            .pow(power + 64, new MathContext(60))
                            .scaleByPowerOfTen(-scale - 1);
            assertThat(unit.subtract(exact))
                    .as("2^%d", power)
                    .isGreaterThan(BigDecimal.ZERO)
                    .isLessThanOrEqualTo(BigDecimal.ONE);
        }
    }
}
