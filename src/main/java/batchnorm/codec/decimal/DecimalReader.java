package batchnorm.codec.decimal;

import java.math.BigDecimal;
import java.math.BigInteger;

/// Converts decimal to binary64, correctly rounded: `digits · 10^exponent`, where digits is an
/// unsigned 64-bit integer.
///
/// Where digits and power are exact in binary64, one multiplication or division rounds once
/// (Clinger, "How to Read Floating Point Numbers Accurately", 1990). Otherwise the product with a
/// 128-bit power of ten decides (Lemire, "Number Parsing at a Gigabyte per Second", 2021). No
/// further fallback is needed (Mushtak and Lemire, "Fast Number Parsing Without Fallback", 2022).
final class DecimalReader {
    /// The number of decimal digits that always fit an unsigned 64-bit integer.
    static final int MAX_DIGITS = 19;

    /// Decimals with more than these 15 digits use the product even if they are exact: a branch on
    /// the exactness of 16 digits would be unpredictable.
    private static final long MANY_DIGITS = 1_000_000_000_000_000L;

    private static final int SMALLEST_EXPONENT = -342;
    private static final int LARGEST_EXPONENT = 308;
    private static final int FRACTION_BITS = 52;
    private static final int BIAS = 1023;
    private static final int INFINITE_EXPONENT = 2047;

    private DecimalReader() {}

    /// Returns the nearest double, ties to even; infinity beyond the range.
    static double toDouble(long digits, int exponent) {
        if (digits < MANY_DIGITS && isExact(digits, exponent)) {
            return exponent < 0
                    ? digits / PowersOfTen.exact(-exponent)
                    : digits * PowersOfTen.exact(exponent);
        }
        if (digits == 0 || exponent < SMALLEST_EXPONENT) {
            return 0;
        }
        if (exponent > LARGEST_EXPONENT) {
            return Double.POSITIVE_INFINITY;
        }
        return product(digits, exponent);
    }

    private static boolean isExact(long digits, int exponent) {
        return digits >>> 53 == 0 && Math.abs(exponent) <= PowersOfTen.LARGEST_EXACT;
    }

    private static double product(long digits, int exponent) {
        int zeros = Long.numberOfLeadingZeros(digits);
        long factor = digits << zeros;
        long power = PowersOfTen.high(exponent);
        long high = Math.unsignedMultiplyHigh(factor, power);
        long low = factor * power;
        if ((high & 0x1FF) == 0x1FF) {
            // Otherwise the power's lower half cannot change the significant bits.
            long carry = Math.unsignedMultiplyHigh(factor, lowerPower(exponent));
            low += carry;
            high += Long.compareUnsigned(low, carry) < 0 ? 1 : 0;
        }
        int upperBit = (int) (high >>> 63);
        int shift = upperBit + 64 - FRACTION_BITS - 3;
        // The significand with one more bit than binary64, for rounding.
        long significand = high >>> shift;
        int binaryExponent = (((152170 + 65536) * exponent) >> 16) + 63 + upperBit - zeros + BIAS;
        if (binaryExponent <= 0) {
            return subnormal(significand, binaryExponent);
        }
        if (binaryExponent >= INFINITE_EXPONENT) {
            return Double.POSITIVE_INFINITY;
        }
        boolean mayBeHalfway = low >= 0 && low <= 1 && exponent >= -4 && exponent <= 23;
        if (mayBeHalfway && (significand & 3) == 1 && significand << shift == high) {
            significand--; // exactly halfway: ties to even, here down
        }
        // Added, not joined: a significand that rounds up to 2^53 carries into the exponent, and
        // the largest of all into infinity.
        long rounded = (significand + (significand & 1)) >>> 1;
        return Double.longBitsToDouble(((long) (binaryExponent - 1) << FRACTION_BITS) + rounded);
    }

    /// Returns the lower half of a power of ten. From 10^-27 to 10^-1 it is rounded up, so that
    /// exact quotients do not fall short.
    private static long lowerPower(int exponent) {
        return PowersOfTen.low(exponent) + (exponent < 0 && exponent >= -27 ? 1 : 0);
    }

    private static double subnormal(long significand, int binaryExponent) {
        int shift = 1 - binaryExponent;
        if (shift >= 64) {
            return 0;
        }
        long shifted = significand >>> shift;
        return Double.longBitsToDouble((shifted + (shifted & 1)) >>> 1);
    }

    /// Compares `digits · 10^exponent` with a double, exactly: negative when the decimal is
    /// smaller.
    static int compare(long digits, int exponent, double value) {
        if (isExact(digits, exponent)) {
            // One fused step: its sign is that of the exact difference.
            return exponent < 0
                    ? -sign(Math.fma(value, PowersOfTen.exact(-exponent), -(double) digits))
                    : sign(Math.fma((double) digits, PowersOfTen.exact(exponent), -value));
        }
        BigInteger unsigned = new BigInteger(Long.toUnsignedString(digits));
        return new BigDecimal(unsigned, -exponent).compareTo(new BigDecimal(value));
    }

    private static int sign(double value) {
        return value > 0 ? 1 : value < 0 ? -1 : 0;
    }
}
