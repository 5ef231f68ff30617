package batchnorm.codec.decimal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.fixtures.RandomSeed;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Texts and their values; [BatchFractionParser] must agree.
class FractionScannerTest {
    private static final String PADDING = "#".repeat(FractionScanner.REACH);

    private final FractionScanner scanner = new FractionScanner();
    private final BatchFractionParser lanes = new BatchFractionParser();
    private final float[] target = new float[BatchFractionParser.LENGTH];

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0",
                "-0.0",
                "0.5",
                "-9.9",
                "1.1234567",
                "1.12345678",
                "1.123456789",
                "-1.123456789012345",
                "1.1234567890123456",
                "1.12345678901234567",
                "1.12345678901234567890",
                "0.0000000000000001",
                "0.00010995116277770", // about the smallest whose digits may be cut
                "9.99999999"
            })
    void readsOneDigitAndUpToTwentyMore(String literal) {
        assertThat(scan(literal + ",")).isEqualTo(literal.length());
        assertThat(scanner.value()).isEqualTo(Float.parseFloat(literal));
        assertThat(scan(literal + "]")).isEqualTo(literal.length());
        assertThat(read(literal + ",")).isOne();
        assertThat(lanes.open(0, 1)).isOne();
        assertThat(target[0]).isEqualTo(Float.parseFloat(literal));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "5",
                "5.",
                ".5",
                "-",
                "--1.5",
                "+1.5",
                "12.5",
                "-12.5",
                ":.5",
                "/.5",
                "1:5",
                "1-5",
                "1.123456789012345678901", // 21 digits
                "0.00010995116277750", // small, and cut off
                "0.00000000000000000001",
                "1.00000005960464477", // nearly the midpoint of two floats
                "1.000000059604644775",
                "-1.0000001788139343"
            })
    void leavesOthers(String literal) {
        assertThat(scan(literal + ",")).isEqualTo(-1);
        assertThat(read(literal + ",")).isOne();
        assertThat(lanes.open(0, 1)).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.5x", "1.5e3", "1.2345678:", "1.23456789/", "1.1234567890123456e"})
    void leavesWhatGoesOnOtherwise(String literal) {
        assertThat(scan(literal + ",")).isNotEqualTo(literal.length());
        assertThat(read(literal + ",")).isOne();
        assertThat(lanes.open(0, 1)).isZero();
    }

    @Test
    void readsTheSameTogether() {
        Random random = RandomSeed.random(1);
        StringBuilder text = new StringBuilder();
        String[] literals = new String[300];
        for (int i = 0; i < literals.length; i++) {
            literals[i] =
                    i % 10 == 7
                            ? "17"
                            : (random.nextBoolean() ? "-" : "")
                                    + new BigDecimal(random.nextDouble(9))
                                            .setScale(1 + i % 20, RoundingMode.DOWN);
            text.append(literals[i]).append(random.nextInt(3) == 0 ? "," : ", ");
        }
        byte[] bytes = (text + PADDING).getBytes(ISO_8859_1);
        int count = lanes.read(bytes, 0, text.length(), 100, target, 50);
        assertThat(count).isEqualTo(100);
        int at = 0;
        for (int i = 0; i < count; i++) {
            assertThat(lanes.start(i)).isEqualTo(at);
            assertThat(lanes.end(i)).isEqualTo(at + literals[i].length());
            if (lanes.open(i, count) > i) {
                assertThat(scanner.scan(bytes, at)).isEqualTo(lanes.end(i));
                assertThat(target[50 + i]).isEqualTo(Float.parseFloat(literals[i]));
                assertThat(target[50 + i]).isEqualTo(scanner.value());
            } else {
                assertThat(scanner.scan(bytes, at)).isEqualTo(-1);
            }
            at = lanes.end(i) + (bytes[lanes.end(i) + 1] == ' ' ? 2 : 1);
        }
        assertThat(lanes.start(count)).isEqualTo(at);
        assertThat(lanes.open(0, count)).isEqualTo(7);
        assertThat(lanes.open(8, count)).isEqualTo(17);
        assertThat(lanes.read(bytes, 0, text.length(), 300, target, 0)).isEqualTo(256);
    }

    @Test
    void findsNothingWithoutAComma() {
        assertThat(read("1.5")).isZero();
        assertThat(read("")).isZero();
    }

    @ParameterizedTest
    @CsvSource({"00000000, 0", "12345678, 12345678", "99999999, 99999999", "10000001, 10000001"})
    void knowsWhatEightDigitsStandFor(String digits, long value) {
        long eight = FractionScanner.eight(digits.getBytes(ISO_8859_1), 0);
        assertThat(FractionScanner.notDigits(eight)).isZero();
        assertThat(FractionScanner.valueOf(eight)).isEqualTo(value);
    }

    @Test
    void distinguishesDigitsFromOtherBytes() {
        for (int other = 0; other < 128; other++) {
            byte[] bytes = "12345678".getBytes(ISO_8859_1);
            bytes[3] = (byte) other;
            long found = FractionScanner.notDigits(FractionScanner.eight(bytes, 0));
            assertThat(found).isEqualTo(other >= '0' && other <= '9' ? 0 : 0x80000000L);
        }
    }

    private int scan(String text) {
        return scanner.scan((text + PADDING).getBytes(ISO_8859_1), 0);
    }

    private int read(String text) {
        byte[] bytes = (text + PADDING).getBytes(ISO_8859_1);
        return lanes.read(bytes, 0, text.length(), BatchFractionParser.LENGTH, target, 0);
    }
}
