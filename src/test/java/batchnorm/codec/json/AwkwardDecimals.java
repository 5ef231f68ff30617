package batchnorm.codec.json;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.SplittableRandom;

/// Decimals as they occur in JSON, most of them difficult to read. Some are halfway between two
/// floats or doubles, or so close that only the last digit decides. Others are subnormal, very
/// long, or at the ends of the range. The rest are typical program output.
final class AwkwardDecimals {
    /// The smallest power of two needed: half of the smallest double, and 63 spare bits.
    private static final int SMALLEST_POWER = -1075 - 63;

    private static final int LARGEST_POWER = 1023;

    /// Indexed by power: `2^power = factor / 2^64 · 10^tens`, the factor at least a tenth of 2^64.
    private static final long[] FACTORS = new long[LARGEST_POWER - SMALLEST_POWER + 1];

    private static final int[] TENS = new int[FACTORS.length];

    private static final long[] POWERS_OF_TEN = new long[19];

    static {
        for (int i = 0; i < FACTORS.length; i++) {
            BigDecimal power = BigDecimal.TWO.pow(SMALLEST_POWER + i, new MathContext(40));
            TENS[i] = power.precision() - power.scale();
            FACTORS[i] =
                    power.scaleByPowerOfTen(-TENS[i])
                            .multiply(BigDecimal.TWO.pow(64))
                            .toBigInteger()
                            .longValue();
        }
        POWERS_OF_TEN[0] = 1;
        for (int i = 1; i < POWERS_OF_TEN.length; i++) {
            POWERS_OF_TEN[i] = 10 * POWERS_OF_TEN[i - 1];
        }
    }

    private final SplittableRandom random;

    AwkwardDecimals(SplittableRandom random) {
        this.random = random;
    }

    String next() {
        String magnitude =
                switch (random.nextInt(32)) {
                    case 0, 1 -> Double.toString(anyDouble());
                    case 2, 3 -> Float.toString(anyFloat());
                    case 4, 5 -> Float.toString(random.nextFloat(-3, 3));
                    case 6, 7 -> Double.toString(random.nextFloat(-3, 3));
                    case 8 -> spelled(digits(random.nextInt(1, 25)), random.nextInt(-350, 320));
                    case 9, 10 -> spelled(digits(random.nextInt(1, 25)), random.nextInt(-25, 5));
                    case 11 -> beyondBinary64();
                    case 12 -> atTheEndsOfTheRange();
                    case 13 -> halfway(anyFloat(), 1 << random.nextInt(10));
                    case 14 -> random.nextInt(8) == 0 ? halfway(anyDouble(), 900) : exact();
                    case 15 -> nearHalfway(subnormalDouble());
                    case 16 -> nearHalfway(subnormalFloat());
                    case 17, 18, 19, 20 -> nearHalfway(anyDouble());
                    case 21, 22, 23, 24 -> nearHalfway(random.nextDouble(-1000, 1000));
                    case 25, 26, 27 -> nearHalfway(anyFloat());
                    default -> nearHalfway((float) random.nextDouble(-10, 10));
                };
        boolean signed = magnitude.charAt(0) == '-';
        return signed || random.nextBoolean() ? magnitude : '-' + magnitude;
    }

    /// One digit, a point, and further digits.
    String fraction() {
        float value = random.nextFloat(-9, 9);
        return switch (random.nextInt(4)) {
            case 0 -> Double.toString(random.nextFloat(0.001f, 9));
            case 1 -> random.nextInt(10) + "." + anyDigits(random.nextInt(1, 23));
            case 2 -> "-0." + "0".repeat(random.nextInt(18)) + anyDigits(random.nextInt(1, 5));
            default ->
                    new BigDecimal((value + (double) Math.nextUp(value)) / 2)
                            .setScale(
                                    random.nextInt(8, 22),
                                    random.nextBoolean() ? RoundingMode.UP : RoundingMode.DOWN)
                            .toPlainString();
        };
    }

    private double anyDouble() {
        double value = Double.longBitsToDouble(random.nextLong());
        return Double.isFinite(value) ? value : 1;
    }

    private float anyFloat() {
        float value = Float.intBitsToFloat(random.nextInt());
        return Float.isFinite(value) ? value : 1;
    }

    private double subnormalDouble() {
        return Double.longBitsToDouble(random.nextLong() >>> random.nextInt(12, 64));
    }

    private float subnormalFloat() {
        return Float.intBitsToFloat(random.nextInt() >>> random.nextInt(9, 32));
    }

    /// A decimal that is exact in binary: a double, or the exact midpoint of two. The digits of a
    /// fraction are a multiple of a power of five. The digits of an integer and its power of five
    /// have 54 bits or one fewer.
    private String exact() {
        int places = random.nextInt(1, 28);
        BigInteger five = BigInteger.valueOf(5).pow(places);
        if (random.nextBoolean()) {
            long multiple = random.nextLong() >>> five.bitLength() - random.nextInt(2) | 1;
            return spelled(five.multiply(BigInteger.valueOf(multiple)).toString(), -places);
        }
        int bits = Math.max(1, 54 - five.bitLength() + random.nextInt(2));
        long odd = (random.nextLong() | Long.MIN_VALUE) >>> 64 - bits | 1;
        return spelled(Long.toString(odd << random.nextInt(64 - bits)), places);
    }

    /// An odd integer of 54 bits, halfway between two doubles, sometimes with a fraction of zeros.
    private String beyondBinary64() {
        String zeros = "0".repeat(random.nextInt(5));
        return (1L << 53) + (random.nextInt() * 2L + 1) + (zeros.isEmpty() ? "" : '.' + zeros);
    }

    private String atTheEndsOfTheRange() {
        double end =
                switch (random.nextInt(4)) {
                    case 0 -> Double.MAX_VALUE;
                    case 1 -> Double.MIN_VALUE;
                    case 2 -> Float.MAX_VALUE;
                    default -> Float.MIN_VALUE;
                };
        String text = new BigDecimal(end).round(new MathContext(random.nextInt(1, 19))).toString();
        return random.nextBoolean() ? text : text.replace("E", anyDigits(1) + 'E');
    }

    /// The midpoint of a double and the next, with just enough digits to determine the side, or
    /// with fewer.
    private String nearHalfway(double value) {
        long bits = Double.doubleToRawLongBits(value) & Long.MAX_VALUE;
        int biased = (int) (bits >>> 52);
        long fraction = bits & (1L << 52) - 1;
        long significand = biased == 0 ? fraction : fraction | 1L << 52;
        return nearlyEqual(2 * significand + 1, Math.max(biased, 1) - 1076);
    }

    /// The same for floats.
    private String nearHalfway(float value) {
        int bits = Float.floatToRawIntBits(value) & Integer.MAX_VALUE;
        int biased = bits >>> 23;
        int fraction = bits & (1 << 23) - 1;
        int significand = biased == 0 ? fraction : fraction | 1 << 23;
        return nearlyEqual(2L * significand + 1, Math.max(biased, 1) - 151);
    }

    /// A decimal that differs from `odd · 2^power` by about one unit in its last place.
    private String nearlyEqual(long odd, int power) {
        int zeros = Long.numberOfLeadingZeros(odd);
        int index = power - zeros - SMALLEST_POWER;
        long all = Math.unsignedMultiplyHigh(odd << zeros, FACTORS[index]);
        int length = Long.toUnsignedString(all).length();
        int dropped =
                length - Math.min(length, random.nextInt(5) == 0 ? 20 : random.nextInt(7, 20));
        long kept = Long.divideUnsigned(all, POWERS_OF_TEN[dropped]) + random.nextInt(-1, 3);
        String digits = Long.toUnsignedString(kept);
        int exponent = TENS[index] + dropped;
        if (random.nextInt(16) == 0) {
            String more = anyDigits(1 << random.nextInt(7));
            digits += more;
            exponent -= more.length();
        }
        return spelled(digits, exponent);
    }

    /// The exact midpoint of a float and the next, or a decimal close to it.
    private String halfway(float value, int tail) {
        float next = Math.nextUp(value);
        return beside(new BigDecimal(value).add(new BigDecimal(finite(next))), tail);
    }

    /// The same for doubles.
    private String halfway(double value, int tail) {
        double next = Math.nextUp(value);
        return beside(new BigDecimal(value).add(new BigDecimal(finite(next))), tail);
    }

    private static double finite(double value) {
        return Double.isFinite(value) ? value : 1;
    }

    private String beside(BigDecimal twice, int tail) {
        BigDecimal middle = twice.divide(BigDecimal.TWO).abs();
        String digits = middle.unscaledValue().toString();
        int last = digits.length() - 1;
        String more =
                switch (random.nextInt(4)) {
                    case 0 -> "";
                    case 1 -> "0".repeat(random.nextInt(tail)) + '1';
                    case 2 -> "0".repeat(random.nextInt(Math.min(tail, 30)));
                    default -> "9".repeat(random.nextInt(1, 40));
                };
        if (more.startsWith("9") && digits.charAt(last) > '0') {
            // Slightly below: one less, and nines.
            digits = digits.substring(0, last) + (char) (digits.charAt(last) - 1);
        }
        return spelled(digits + more, -middle.scale() - more.length());
    }

    /// `digits · 10^exponent`, in one of its notations.
    private String spelled(String written, int exponent) {
        String digits = written.startsWith("0") ? new BigInteger(written).toString() : written;
        int before = digits.length() + exponent;
        boolean near = exponent > -30 && before < 25;
        return switch (random.nextInt(near ? 8 : 3)) {
            case 0 -> digits + 'e' + exponent;
            case 1 -> pointed(digits, 1) + 'E' + (before - 1);
            case 2 -> {
                int place = digits.startsWith("0") ? 1 : random.nextInt(1, digits.length() + 1);
                yield pointed(digits, place) + (before < place ? "e" : "e+") + (before - place);
            }
            default -> plain(digits, exponent);
        };
    }

    private static String plain(String digits, int exponent) {
        int before = digits.length() + exponent;
        if (before <= 0) {
            return "0." + "0".repeat(-before) + digits;
        }
        return exponent > 0 ? digits + "0".repeat(exponent) : pointed(digits, before);
    }

    private static String pointed(String digits, int place) {
        return place == digits.length()
                ? digits
                : digits.substring(0, place) + '.' + digits.substring(place);
    }

    private String digits(int count) {
        return random.nextInt(1, 10) + anyDigits(count - 1);
    }

    private String anyDigits(int count) {
        StringBuilder digits = new StringBuilder(count);
        long chance = 0;
        for (int i = 0; i < count; i++) {
            chance = i % 16 == 0 ? random.nextLong() >>> 1 : chance / 10;
            digits.append((char) ('0' + chance % 10));
        }
        return digits.toString();
    }
}
