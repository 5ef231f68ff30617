package batchnorm.codec.decimal;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.fixtures.RandomSeed;
import java.math.BigDecimal;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecimalReaderTest {

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "0, 400",
        "1, -323", // subnormal
        "2, -324", // below half of the smallest
        "3, -324",
        "18446744073709551615, -343",
        "18446744073709551615, -342",
        "22250738585072011, -324", // the largest subnormal
        "22250738585072014, -324", // the smallest that is not
        "17976931348623157, 292", // the largest
        "17976931348623159, 292",
        "1, 308",
        "1, 309",
        "18446744073709551615, 289",
        "18446744073709551615, 290",
        "1, 22",
        "1, 23",
        "9007199254740991, 22",
        "9007199254740993, 0", // halfway, to even: down
        "9007199254740995, 0", // halfway, to even: up
        "90071992547409930, -1",
        "900719925474099300, -2",
        "9007199254740993000, -3",
        "18014398509481990, 0",
        "900719925474099, 1",
        "999999999999999, 0",
        "1000000000000000, -22",
        "1000000000000001, -23",
        "10579587780256391, 23", // five to the power of 23 times two words
        "7450580596923828125, -27", // 5^27
        "5, -1",
        "298023223876953125, -25", // 2^-25, exactly
        "149011611938476562, -26",
    })
    void roundsAsTheJdkDoes(String digits, int exponent) {
        assertThat(DecimalReader.toDouble(Long.parseUnsignedLong(digits), exponent))
                .isEqualTo(Double.parseDouble(digits + "e" + exponent));
    }

    @Test
    void roundsEveryMagnitudeAsTheJdkDoes() {
        SplittableRandom random = RandomSeed.splittable(1);
        for (int exponent = -350; exponent <= 320; exponent++) {
            for (int bits = 1; bits <= 64; bits += 9) {
                long digits = random.nextLong() >>> 64 - bits;
                assertThat(DecimalReader.toDouble(digits, exponent))
                        .isEqualTo(
                                Double.parseDouble(Long.toUnsignedString(digits) + "e" + exponent));
            }
        }
    }

    /// Quotients and products that are doubles, or exact midpoints of two.
    @Test
    void roundsWhatIsExactInBinary() {
        SplittableRandom random = RandomSeed.splittable(2);
        long five = 1;
        for (int places = 0; places <= 27; places++, five *= 5) {
            for (int i = 0; i < 40; i++) {
                int bits = i % 2 == 0 ? 54 : 53;
                long odd = random.nextLong() >>> 64 - bits | 1 | 1L << bits - 1;
                if (places <= 4) {
                    assertExact(odd * five, -places);
                }
                int spareBits = Math.max(1, bits - (64 - Long.numberOfLeadingZeros(five)));
                assertExact(random.nextLong() >>> 64 - spareBits | 1, places);
            }
        }
    }

    private static void assertExact(long digits, int exponent) {
        assertThat(DecimalReader.toDouble(digits, exponent))
                .isEqualTo(Double.parseDouble(Long.toUnsignedString(digits) + "e" + exponent));
    }

    /// Compares decimals with the nearest double and its neighbours.
    @Test
    void comparesExactly() {
        SplittableRandom random = RandomSeed.splittable(3);
        for (int exponent = -60; exponent <= 60; exponent++) {
            for (int bits = 2; bits <= 64; bits += 2) {
                long digits = random.nextLong() >>> 64 - bits | 1;
                String decimal = Long.toUnsignedString(digits) + "e" + exponent;
                double nearest = Double.parseDouble(decimal);
                for (double value :
                        new double[] {Math.nextDown(nearest), nearest, Math.nextUp(nearest)}) {
                    assertThat(Integer.signum(DecimalReader.compare(digits, exponent, value)))
                            .as("%s with %s", decimal, value)
                            .isEqualTo(new BigDecimal(decimal).compareTo(new BigDecimal(value)));
                }
            }
        }
    }
}
