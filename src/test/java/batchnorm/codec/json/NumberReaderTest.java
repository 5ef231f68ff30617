package batchnorm.codec.json;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.fixtures.RandomSeed;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NumberReaderTest {

    /// The same decimals on each run; [NumberFuzz] draws others.
    @Test
    void roundsAwkwardDecimalsOnceToAnyWidth() throws IOException {
        AwkwardDecimals decimals = new AwkwardDecimals(RandomSeed.splittable(1));
        for (int i = 0; i < 3000; i++) {
            String decimal = decimals.next();
            NumberReader numbers = new NumberReader(reader(decimal + ","));
            double value = numbers.read();
            assertThat(value).as(decimal).isEqualTo(Double.parseDouble(decimal));
            assertThat((float) numbers.narrowable(value))
                    .as(decimal)
                    .isEqualTo(Float.parseFloat(decimal));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.25", "-123456789012345678901234567890", "1e400", "0.5e-9999999999"})
    void stopsBehindTheNumber(String literal) throws IOException {
        for (String text : new String[] {literal, literal + " ", literal + ",1"}) {
            JsonReader reader = reader(text);
            assertThat(new NumberReader(reader).read()).isEqualTo(Double.parseDouble(literal));
            assertThat(reader.offset()).isEqualTo(literal.length());
        }
    }

    /// Digits beyond the significant ones only determine the side of the midpoint.
    @Test
    void knowsHowManyDigitsMatter() throws IOException {
        String middle = "1.000000059604644775390625"; // between two floats
        String zeros = "0".repeat(900);
        for (String literal :
                new String[] {middle + zeros, middle + zeros + "1", middle + zeros + "1e0"}) {
            NumberReader numbers = new NumberReader(reader(literal));
            double value = numbers.read();
            assertThat((float) numbers.narrowable(value)).isEqualTo(Float.parseFloat(literal));
        }
        String integer = "9007199254740993" + zeros; // between two doubles
        assertThat(literal(integer).toDouble()).isEqualTo(Double.parseDouble(integer));
        assertThat(literal(integer + "e-900").toDouble()).isEqualTo(9007199254740992.0);
        assertThat(literal(integer + "1e-901").toDouble()).isEqualTo(9007199254740994.0);
    }

    @Test
    void keepsTheDigitsThatTellNeighboursApart() throws IOException {
        assertThat(literal("1".repeat(800)).digits()).hasSize(800);
        assertThat(literal("1".repeat(801)).digits()).hasSize(801);
        assertThat(literal("1".repeat(805)).digits()).hasSize(801).endsWith("11");
        assertThat(literal("1".repeat(805)).exponent()).isEqualTo(4);
        assertThat(literal("1".repeat(800) + "0000").digits()).hasSize(800);
        assertThat(literal("1".repeat(800) + "0000").exponent()).isEqualTo(4);
        assertThat(literal("0.000" + "1".repeat(810)).exponent()).isEqualTo(-804);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, 0, true",
        "-0, 0, 0, true",
        "1200, 1200, 0, true",
        "0.0125, 125, -4, false",
        "1.50, 150, -2, false",
        "12e3, 12, 3, true",
        "12E+3, 12, 3, true",
        "1.5e-3, 15, -4, false",
        "1e2000000000, 1, 1000000000, true",
        "1e-2000000000, 1, -1000000000, false",
        "1e99999999999999999999, 1, 1000000000, true",
        "1500e-2, 1500, -2, true",
        "1500e-3, 1500, -3, false",
        "2.000, 2000, -3, true",
        "0e-5, 0, -5, true",
        "1e-99999999999999999999, 1, -1000000000, false",
    })
    void takesLiteralsApart(String text, String digits, int exponent, boolean integer)
            throws IOException {
        NumberLiteral literal = literal(text);
        assertThat(literal.digits()).isEqualTo(digits.equals("0") ? "" : digits);
        assertThat(literal.exponent()).isEqualTo(exponent);
        assertThat(literal.isInteger()).isEqualTo(integer);
        assertThat(literal.negative()).isEqualTo(text.startsWith("-"));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, -1, 42, Long.MAX_VALUE, Long.MIN_VALUE})
    void readsIntegers(long value) throws IOException {
        assertThat(literal(Long.toString(value)).toLong()).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(strings = {"42", "42.0", "42e0", "4200E-2", "0.42e+2", "42.000e0"})
    void readsIntegersHoweverTheyAreWritten(String text) throws IOException {
        assertThat(literal(text).toLong()).isEqualTo(42);
        assertThat(literal("-" + text).toLong()).isEqualTo(-42);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.5",
                "15e-1",
                "1e-400",
                "1e-2000000000",
                "1e400",
                "1e2000000000",
                "9223372036854775808",
                "-9223372036854775809",
                "9.223372036854775808e18"
            })
    void takesNothingElseForAnInteger(String text) throws IOException {
        NumberLiteral literal = literal(text);
        assertThatThrownBy(literal::toLong).isInstanceOf(NumberFormatException.class);
    }

    /// More digits than are kept.
    @Test
    void takesNoEndlessIntegerForAnother() throws IOException {
        NumberLiteral literal = literal("1" + "0".repeat(900));
        assertThatThrownBy(literal::toLong).isInstanceOf(NumberFormatException.class);
    }

    private static NumberLiteral literal(String text) throws IOException {
        return new NumberReader(reader(text)).literal();
    }

    private static JsonReader reader(String text) {
        return new JsonReader(new ByteArrayInputStream(text.getBytes(US_ASCII)), 1);
    }
}
