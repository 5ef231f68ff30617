package batchnorm.codec.decimal;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The layout of numbers; [ShortestDecimalTest] verifies their digits.
class DecimalWriterTest {
    private static final int BEFORE = 5;

    private final DecimalWriter writer = new DecimalWriter();

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '|',
            value = {
                "0, 0.0",
                "-0.0, -0.0",
                "1, 1.0",
                "9.75, 9.75",
                "10, 10.0",
                "100, 100.0",
                "123456.7, 123456.7",
                "123456789012345.6, 123456789012345.6",
                "1e15, 1000000000000000.0",
                "1234567890123456, 1234567890123456.0",
                "9007199254740993, 9007199254740992.0",
                "1e16, 1e16",
                "1.5e16, 1.5e16",
                "0.1, 0.1",
                "0.25, 0.25",
                "0.0001, 0.0001",
                "0.00012345678901234567, 0.00012345678901234567",
                "0.00001, 1e-5",
                "0.0000125, 1.25e-5",
                "9.5e-9, 9.5e-9",
                "1e-10, 1e-10",
                "1.5e-99, 1.5e-99",
                "1e99, 1e99",
                "1e100, 1e100",
                "1.5e123, 1.5e123",
                "1e-100, 1e-100",
                "6.25e-310, 6.25e-310",
                "4.9e-324, 5e-324",
                "1.7976931348623157e308, 1.7976931348623157e308",
                "NaN, \"NaN\"",
                "Infinity, \"Infinity\"",
                "-Infinity, \"-Infinity\""
            })
    void writesDoublesShortAndPlain(double value, String text) {
        assertThat(written(value)).isEqualTo(text);
        if (value > 0) {
            assertThat(written(-value))
                    .isEqualTo(text.startsWith("\"") ? "\"-Infinity\"" : "-" + text);
        }
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '|',
            value = {
                "0, 0.0",
                "-0.0, -0.0",
                "1, 1.0",
                "0.1, 0.1",
                "16777216, 16777216.0",
                "3.4028235e38, 3.4028235e38",
                "1.4e-45, 1e-45",
                "NaN, \"NaN\"",
                "Infinity, \"Infinity\"",
                "-Infinity, \"-Infinity\""
            })
    void writesFloatsShortAndPlain(float value, String text) {
        assertThat(written(value)).isEqualTo(text);
        if (value > 0 && value <= Float.MAX_VALUE) {
            assertThat(written(-value)).isEqualTo("-" + text);
        }
    }

    @Test
    void writesWhatReadsBack() {
        for (double number : AwkwardNumbers.doubles()) {
            assertThat(Double.parseDouble(written(-number))).isEqualTo(-number);
        }
        for (float number : AwkwardNumbers.floats()) {
            assertThat(Float.parseFloat(written(-number))).isEqualTo(-number);
        }
    }

    /// Integers and short decimals of every length, with every number of trailing zeros.
    @Test
    void writesDigitsOfEveryLength() {
        for (int length = 1; length <= 15; length++) {
            for (int zeros = 0; zeros < length; zeros++) {
                String digits = "123456789123456".substring(0, length - zeros) + "0".repeat(zeros);
                for (int scale = 0; scale <= length + 3; scale++) {
                    BigDecimal decimal = new BigDecimal(digits).scaleByPowerOfTen(-scale);
                    String text = decimal.stripTrailingZeros().toPlainString();
                    assertThat(written(decimal.doubleValue()))
                            .isEqualTo(text.contains(".") ? text : text + ".0");
                }
            }
        }
    }

    private String written(double value) {
        byte[] target = blank();
        return withinItsBytes(target, writer.write(target, BEFORE, value));
    }

    private String written(float value) {
        byte[] target = blank();
        return withinItsBytes(target, writer.write(target, BEFORE, value));
    }

    private static byte[] blank() {
        byte[] target = new byte[BEFORE + DecimalWriter.ROOM + 8];
        Arrays.fill(target, (byte) '#');
        return target;
    }

    private static String withinItsBytes(byte[] target, int end) {
        String text = new String(target, US_ASCII);
        assertThat(end).isLessThanOrEqualTo(BEFORE + DecimalWriter.ROOM);
        assertThat(text).startsWith("#".repeat(BEFORE)).endsWith("#".repeat(8));
        return text.substring(BEFORE, end);
    }
}
