package batchnorm.codec.decimal;

import static batchnorm.codec.decimal.Swar.EIGHT_BYTES;
import static batchnorm.codec.decimal.Swar.EIGHT_ZEROS;
import static batchnorm.codec.decimal.Swar.GATHER;
import static batchnorm.codec.decimal.Swar.TOPS;

/// Reads the numbers that normalized data are made of, `d.ddd…` with or without a sign, as FP32:
/// one digit before the point and at most 20 behind it. Nothing branches on what differs from
/// number to number, which would be as good as random: not the sign, not how many digits there are.
///
/// The first 16 digits behind the point, zeros where there are fewer, make one integer. What
/// follows can only matter close to the middle between two floats; those are left to the caller.
public final class FractionScanner {
    /// So many bytes behind the start of a number must be readable.
    public static final int REACH = 32;

    /// By how many digits there are: which bytes of the first eight, of the second and of the third
    /// belong to them.
    static final long[] FIRST = belonging(0);

    static final long[] SECOND = belonging(8);
    static final long[] THIRD = belonging(16);

    /// Integers from here on are known well enough by their first 16 digits behind the point.
    static final long PRECISE = 1L << 40;

    /// The share by which a value may be off, and more: 1 / [#PRECISE] for the digits that were cut
    /// off, and what two roundings to binary64 add.
    private static final double DOUBT = 0x1p-39;

    static final int MOST_DIGITS = 20;

    /// The last number.
    private float value;

    float value() {
        return value;
    }

    /// Reads the number that begins at a place, if it is one of those.
    ///
    /// @return the place after it, or -1 when it is another, or a hard one
    int scan(byte[] bytes, int start) {
        int others = notDigits(bytes, start) & ~1;
        int end = start + Integer.numberOfTrailingZeros(others & others - 1);
        int minus = (((bytes[start] & 0xFF) ^ '-') - 1) >>> 31;
        int at = start + minus;
        int digits = end - at - 2;
        int leading = bytes[at] - '0';
        if (leading < 0
                || leading > 9
                || bytes[at + 1] != '.'
                || digits < 1
                || digits > MOST_DIGITS) {
            return -1;
        }
        long first = valueOf(eight(bytes, at + 2) & FIRST[digits]);
        long second = valueOf(eight(bytes, at + 10) & SECOND[digits]);
        long whole = (leading * 100_000_000L + first) * 100_000_000L + second;
        double magnitude = whole * 1e-16;
        if ((digits > 16 && whole < PRECISE) || gap(magnitude) != 0) {
            return -1;
        }
        value = Float.intBitsToFloat(Float.floatToRawIntBits((float) magnitude) | minus << 31);
        return end;
    }

    /// Between the floats that a little more and a little less than a value are rounded to: 0 where
    /// it is clear which one is nearest.
    static float gap(double magnitude) {
        return (float) (magnitude * (1 + DOUBT)) - (float) (magnitude * (1 - DOUBT));
    }

    /// Eight digits, a byte each from 0 to 9, the first in the lowest.
    static long eight(byte[] bytes, int at) {
        return (long) EIGHT_BYTES.get(bytes, at) ^ EIGHT_ZEROS;
    }

    private static long[] belonging(int before) {
        long[] bytes = new long[32];
        for (int digits = before + 1; digits < bytes.length; digits++) {
            bytes[digits] = -1L >>> 64 - 8 * Math.min(digits - before, 8);
        }
        return bytes;
    }

    /// A bit for each byte that is no digit, right up to the first such byte behind sign and point,
    /// which is the one that counts: only bytes beyond ASCII carry into their neighbours.
    private static int notDigits(byte[] bytes, int start) {
        return gathered(eight(bytes, start))
                | gathered(eight(bytes, start + 8)) << 8
                | gathered(eight(bytes, start + 16)) << 16;
    }

    private static int gathered(long eight) {
        return (int) (notDigits(eight) * GATHER >>> 56);
    }

    /// The top bits of bytes that are not from 0 to 9, and 0 if there are none.
    static long notDigits(long eight) {
        return (eight + 0x7676767676767676L | eight) & TOPS;
    }

    /// The number that eight digits, 0 to 9 each, stand for, in three multiplications: pairs, then
    /// fours, then all.
    static long valueOf(long eight) {
        long pairs = eight * 10 + (eight >>> 8);
        long upper = (pairs & 0x000000FF000000FFL) * 0x000F424000000064L;
        long lower = (pairs >>> 16 & 0x000000FF000000FFL) * 0x0000271000000001L;
        return (upper + lower) >>> 32;
    }
}
