package batchnorm.codec.decimal;

import static batchnorm.codec.decimal.Swar.EIGHT_BYTES;
import static batchnorm.codec.decimal.Swar.EIGHT_ZEROS;
import static batchnorm.codec.decimal.Swar.GATHER;
import static batchnorm.codec.decimal.Swar.TOPS;

/// Parses the usual numbers of normalized data, `d.ddd…` with an optional sign, as FP32: one digit
/// before the point and at most 20 after it. No branch depends on the sign or on the number of
/// digits: such branches are unpredictable.
///
/// The first 16 digits after the point, padded with zeros, form one integer. Further digits matter
/// only close to the midpoint of two floats; the caller parses those numbers.
public final class FractionScanner {
    /// The number of bytes after the start of a number that must be readable.
    public static final int REACH = 32;

    /// Indexed by the number of digits: masks of the bytes of the first, second and third group of
    /// eight that belong to them.
    static final long[] FIRST = belonging(0);

    static final long[] SECOND = belonging(8);
    static final long[] THIRD = belonging(16);

    /// Integers from this bound on are determined by their first 16 digits after the point.
    static final long PRECISE = 1L << 40;

    /// An upper bound on the relative error: 1 / [#PRECISE] for the ignored digits, plus two
    /// roundings to binary64.
    private static final double DOUBT = 0x1p-39;

    static final int MOST_DIGITS = 20;

    /// The last number.
    private float value;

    float value() {
        return value;
    }

    /// Parses the number at a position, if it has the supported form.
    ///
    /// @return the position after it, or -1 for another form or a number close to a midpoint
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

    /// Returns the difference of the floats nearest to slightly more and slightly less than a
    /// value: 0 where the nearest float is certain.
    static float gap(double magnitude) {
        return (float) (magnitude * (1 + DOUBT)) - (float) (magnitude * (1 - DOUBT));
    }

    /// Returns eight digits, one byte each from 0 to 9, the first in the lowest byte.
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

    /// Returns a bit for each byte that is not a digit. Bits are exact up to the first such byte
    /// after sign and point; only bytes beyond ASCII carry into their neighbours.
    private static int notDigits(byte[] bytes, int start) {
        return gathered(eight(bytes, start))
                | gathered(eight(bytes, start + 8)) << 8
                | gathered(eight(bytes, start + 16)) << 16;
    }

    private static int gathered(long eight) {
        return (int) (notDigits(eight) * GATHER >>> 56);
    }

    /// Returns the top bits of bytes outside 0 to 9, or 0 if there are none.
    static long notDigits(long eight) {
        return (eight + 0x7676767676767676L | eight) & TOPS;
    }

    /// Returns the value of eight digits, 0 to 9 each, in three multiplications: pairs, then fours,
    /// then all.
    static long valueOf(long eight) {
        long pairs = eight * 10 + (eight >>> 8);
        long upper = (pairs & 0x000000FF000000FFL) * 0x000F424000000064L;
        long lower = (pairs >>> 16 & 0x000000FF000000FFL) * 0x0000271000000001L;
        return (upper + lower) >>> 32;
    }
}
