package batchnorm.codec.decimal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NumberScannerTest {
    private static final String PADDING = "#".repeat(NumberScanner.COMMON_LENGTH);

    private final NumberScanner scanner = new NumberScanner();
    private final double[] doubles = new double[4];
    private final float[] floats = new float[4];

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "-0",
                "7",
                "-12",
                "9223372036854775808",
                "9999999999999999999",
                "0.5",
                "-0.0",
                "1.2345678",
                "1.23456789",
                "12345678.12345678",
                "1.234567890123456789",
                "0.1234567890123456789",
                "-0.00000000012345678901234567",
                "0.0000000009999999999999999999",
                "1e5",
                "1E5",
                "-1.5e-7",
                "2.5E+3",
                "1e308",
                "1e-0323",
                "0e9999",
                "1e-9999",
                "1e9999"
            })
    void takesCommonNumbersApart(String literal) {
        assertThat(scan(literal + ",")).isEqualTo(literal.length());
        assertThat(scanner.nearestDouble()).isEqualTo(Double.parseDouble(literal));
        assertThat(scan(literal + "]")).isEqualTo(literal.length());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-",
                ".5",
                "+1",
                "--1",
                "1.",
                "-1.",
                "1.e5",
                "01",
                "00",
                "-01.5",
                "1e",
                "1e+",
                "1e-",
                "1.5E",
                "1e00001",
                "1e10000",
                "NaN",
                "null",
                "12345678901234567890",
                "1.2345678901234567890",
                "123456789.12345678901"
            })
    void leavesOthers(String literal) {
        assertThat(scan(literal + ",")).isEqualTo(-1);
    }

    @ParameterizedTest
    @CsvSource({
        "0.3, 0.3",
        "-12.5, -12.5",
        "16777216.9, 16777216",
        "16777217.1, 16777218",
        "1e10, 1e10",
        "1e-10, 1e-10",
        "123456789e-22, 123456789e-22",
        "123456789e22, 123456789e22",
        "12345e-23, 12345e-23",
        "12345e-40, 12345e-40",
        "1e-45, 1.4e-45",
        "12345e23, 12345e23",
        "9999999999999999999e3, 9999999999999999999e3",
        "9223372036854775808, 9223372036854775808",
    })
    void roundsToTheNearestFloat(String literal, float nearest) {
        scan(literal + ",");
        assertThat(scanner.anyFloat()).isEqualTo(nearest);
    }

    /// The midpoint of two floats, or so close to it that its double is the midpoint.
    @ParameterizedTest
    @ValueSource(strings = {"16777217", "-16777219", "1.000000059604644775", "16777217.000000001"})
    void doesNotRoundTwice(String literal) {
        scan(literal + ",");
        assertThat(scanner.anyFloat()).isNaN();
    }

    @Test
    void comparesWithADouble() {
        scan("0.1,");
        assertThat(scanner.compareTo(0.1)).isNegative(); // 0.1000000000000000055…
        assertThat(scanner.compareTo(Math.nextDown(0.1))).isPositive();
        scan("-2.50,");
        assertThat(scanner.compareTo(2.5)).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '|',
            value = {
                "1,2, 3,4,5,6,; 4; 9", // no space for more
                "1.5, -2e3,7]; 2; 10",
                "1.5, x,; 1; 5",
                "1.5,  2.5,; 1; 5", // a usual gap has one blank
                "1.5,1e400,; 1; 4",
                "1.5 ,2,; 0; 0",
                "],; 0; 0"
            })
    void readsDoublesUntilSomethingElseComes(String text, int count, int position) {
        byte[] bytes = (text + PADDING).getBytes(ISO_8859_1);
        assertThat(scanner.run(bytes, 0, text.length(), doubles, 0, false)).isEqualTo(count);
        assertThat(scanner.position()).isEqualTo(position);
        assertThat(scanner.run(bytes, 0, text.length(), floats, 0)).isEqualTo(count);
        assertThat(scanner.position()).isEqualTo(position);
    }

    @Test
    void readsFromOnePlaceToAnother() {
        byte[] bytes = ("9,9,1.5, -2e3,7,8," + PADDING).getBytes(ISO_8859_1);
        Arrays.fill(doubles, 77);
        assertThat(scanner.run(bytes, 4, 14, doubles, 1, false)).isEqualTo(3);
        assertThat(doubles).containsExactly(77, 1.5, -2000, 77);
        assertThat(scanner.position()).isEqualTo(14);
        assertThat(scanner.run(bytes, 4, 15, doubles, 1, false)).isEqualTo(4);
        assertThat(doubles).containsExactly(77, 1.5, -2000, 7);
        Arrays.fill(floats, 77);
        assertThat(scanner.run(bytes, 4, 14, floats, 1)).isEqualTo(3);
        assertThat(floats).containsExactly(77, 1.5f, -2000, 77);
        assertThat(scanner.position()).isEqualTo(14);
    }

    @Test
    void stopsBeforeWhatWouldBeRoundedTwice() {
        String text = "0.5,16777217,2,";
        byte[] bytes = (text + PADDING).getBytes(ISO_8859_1);
        assertThat(scanner.run(bytes, 0, text.length(), doubles, 0, true)).isOne();
        assertThat(scanner.position()).isEqualTo(4);
        assertThat(scanner.run(bytes, 0, text.length(), doubles, 0, false)).isEqualTo(3);
        assertThat(doubles).startsWith(0.5, 16777217, 2);
        assertThat(scanner.run(bytes, 0, text.length(), floats, 0)).isOne();
    }

    private int scan(String text) {
        return scanner.scan((text + PADDING).getBytes(ISO_8859_1), 0);
    }
}
