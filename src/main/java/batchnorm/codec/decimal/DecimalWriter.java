package batchnorm.codec.decimal;

import static batchnorm.codec.decimal.Swar.EIGHT_BYTES;
import static batchnorm.codec.decimal.Swar.EIGHT_ZEROS;

import java.nio.charset.StandardCharsets;

/// Writes numbers as JSON: the shortest digits that read back as the same float or double. Uses
/// plain notation where that is short (`0.0001`, `3.0`, `123456.7`) and otherwise an exponent
/// (`1e-5`, `1.5e16`). Writes non-finite numbers as strings.
public final class DecimalWriter {
    /// The maximum number of bytes written or overwritten by one number.
    public static final int ROOM = 40;

    /// `0.00000…`
    static final long ZERO_POINT_ZEROS = 0x3030303030302E30L;

    /// The number of digits of the intermediate form: one, eight and eight.
    private static final int WIDTH = 17;

    private static final int LARGEST_PLAIN = 15;
    static final int SMALLEST_PLAIN = -4;

    private static final long[] POWERS = new long[WIDTH + 1];

    /// Indexed by the power of ten, from [#LEAST_OF_FLOATS] on: `e-7`, and its length in the
    /// uppermost byte.
    private static final long[] EXPONENTS = new long[128];

    private static final int LEAST_OF_FLOATS = -64;

    static {
        POWERS[0] = 1;
        for (int i = 1; i < POWERS.length; i++) {
            POWERS[i] = 10 * POWERS[i - 1];
        }
        for (int i = 0; i < EXPONENTS.length; i++) {
            byte[] text = new byte[Long.BYTES];
            text[Long.BYTES - 1] = (byte) writeExponent(text, 0, LEAST_OF_FLOATS + i);
            EXPONENTS[i] = (long) EIGHT_BYTES.get(text, 0);
        }
    }

    private final ShortestDecimal decimal = new ShortestDecimal();

    /// @return the position after the last byte
    public int write(byte[] target, int from, double value) {
        double magnitude = Math.abs(value);
        if (magnitude == 0 || !(magnitude <= Double.MAX_VALUE)) {
            return writeSpecial(target, from, value);
        }
        decimal.of(magnitude);
        target[from] = '-';
        int at = from + (int) (Double.doubleToRawLongBits(value) >>> 63);
        return writeDecimal(target, at, decimal.digits, decimal.exponent);
    }

    /// @return the position after the last byte
    public int write(byte[] target, int from, float value) {
        float magnitude = Math.abs(value);
        if (magnitude == 0 || !(magnitude <= Float.MAX_VALUE)) {
            return writeSpecial(target, from, value);
        }
        decimal.of(magnitude);
        target[from] = '-';
        int at = from + (Float.floatToRawIntBits(value) >>> 31);
        return writeDecimal(target, at, decimal.digits, decimal.exponent);
    }

    /// Writes a zero, or a non-finite number as a string.
    private static int writeSpecial(byte[] target, int at, double value) {
        String text = value == 0 ? Double.toString(value) : '"' + Double.toString(value) + '"';
        byte[] ascii = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(ascii, 0, target, at, ascii.length);
        return at + ascii.length;
    }

    /// Writes `digits · 10^exponent`.
    private static int writeDecimal(byte[] target, int at, long digits, int exponent) {
        int length = length(digits);
        int scientific = exponent + length - 1;
        if (scientific > 0 || scientific < SMALLEST_PLAIN) {
            return writeFarFromOne(target, at, digits * POWERS[WIDTH - length], scientific);
        }
        // Most numbers are below 10: `d.ddd` or `0.00ddd`. One path without a branch writes both.
        int zeros = -scientific;
        int small = (zeros + 3) >>> 2;
        EIGHT_BYTES.set(target, at, ZERO_POINT_ZEROS);
        int first = at + zeros + small;
        int others = first + 2 - small;
        int significant = writeDigits(target, first, others, digits * POWERS[WIDTH - length]);
        return others - 1 + Math.max(significant, 2 - small);
    }

    /// Writes a number of 17 digits whose first digit has the weight `10^scientific`.
    private static int writeFarFromOne(byte[] target, int at, long digits, int scientific) {
        int significant = writeDigits(target, at + 1, at + 2, digits);
        if (scientific > 0 && scientific <= LARGEST_PLAIN) {
            for (int i = at; i <= at + scientific; i++) {
                target[i] = target[i + 1];
            }
            target[at + scientific + 1] = '.';
            return at + 1 + Math.max(significant, scientific + 2);
        }
        target[at] = target[at + 1];
        target[at + 1] = '.';
        return writeExponent(target, significant == 1 ? at + 1 : at + 1 + significant, scientific);
    }

    /// Writes a number of nine digits that is not plain and below 10: the first digit, of weight
    /// `10^power` within the range of floats, and the others as characters.
    static int writeNine(byte[] target, int at, long first, long others, int power) {
        target[at] = (byte) ('0' + first);
        int behind = withoutZeros(others - EIGHT_ZEROS);
        if (power > 0 && power <= LARGEST_PLAIN) {
            EIGHT_BYTES.set(target, at + 1, others);
            EIGHT_BYTES.set(target, at + 9, EIGHT_ZEROS);
            long moved = power < Long.BYTES ? others >>> 8 * power : EIGHT_ZEROS;
            target[at + 1 + power] = '.';
            EIGHT_BYTES.set(target, at + 2 + power, moved);
            return at + 2 + Math.max(behind, power + 1);
        }
        target[at + 1] = '.';
        EIGHT_BYTES.set(target, at + 2, others);
        int end = at + (behind == 0 ? 1 : 2 + behind);
        long exponent = EXPONENTS[power - LEAST_OF_FLOATS];
        EIGHT_BYTES.set(target, end, exponent);
        return end + (int) (exponent >>> Long.SIZE - Byte.SIZE);
    }

    private static int length(long digits) {
        int guess = ((64 - Long.numberOfLeadingZeros(digits)) * 1233) >>> 12;
        return guess + (int) ((POWERS[guess] - 1 - digits) >>> 63);
    }

    /// Writes a number of 17 digits, the first of them separately.
    ///
    /// @return the number of digits without trailing zeros
    private static int writeDigits(byte[] target, int first, int others, long digits) {
        long upper = digits / 100_000_000;
        long last = eightDigits(digits - 100_000_000 * upper);
        long leading = upper / 100_000_000;
        long middle = eightDigits(upper - 100_000_000 * leading);
        target[first] = (byte) ('0' + leading);
        EIGHT_BYTES.set(target, others, middle + EIGHT_ZEROS);
        EIGHT_BYTES.set(target, others + 8, last + EIGHT_ZEROS);
        return last != 0 ? 9 + withoutZeros(last) : 1 + withoutZeros(middle);
    }

    /// Returns the number of digits, of eight, up to the last that is not 0.
    static int withoutZeros(long eight) {
        return 8 - (Long.numberOfLeadingZeros(eight) >>> 3);
    }

    /// Spreads a number below 10^8 over eight bytes, one digit each, the first digit in the lowest
    /// byte: into fours, pairs and ones, all lanes in parallel.
    private static long eightDigits(long number) {
        return ones(pairs(fours(number)));
    }

    /// The multiplication divides by 10^4, exactly for numbers below 10^8.
    static long fours(long number) {
        long upper = number * 109_951_163 >>> 40;
        return (number << 32) - upper * ((10_000L << 32) - 1);
    }

    /// The multiplication divides by 100.
    static long pairs(long fours) {
        long hundreds = fours * 10_486 >>> 20 & 0x0000007F0000007FL;
        return (fours << 16) - hundreds * ((100 << 16) - 1);
    }

    /// The multiplication divides by 10.
    static long ones(long pairs) {
        long tens = pairs * 103 >>> 10 & 0x000F000F000F000FL;
        return (pairs << 8) - tens * ((10 << 8) - 1);
    }

    private static int writeExponent(byte[] target, int from, int exponent) {
        int at = from;
        target[at++] = 'e';
        if (exponent < 0) {
            target[at++] = '-';
        }
        int rest = Math.abs(exponent);
        if (rest >= 100) {
            target[at++] = (byte) ('0' + rest / 100);
        }
        if (rest >= 10) {
            target[at++] = (byte) ('0' + rest / 10 % 10);
        }
        target[at++] = (byte) ('0' + rest % 10);
        return at;
    }
}
