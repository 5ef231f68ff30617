package batchnorm.codec;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Reads the numbers that normalized data are made of, `d.ddd…` with or without a sign, as FP32:
/// one digit before the point and at most 20 behind it. Nothing branches on what differs from
/// number to number, which would be as good as random: not the sign, not how many digits there are.
///
/// The first 16 digits behind the point, zeros where there are fewer, make one integer. What
/// follows can only matter close to the middle between two floats; those are left to the caller.
final class FractionScanner {
    /// So many bytes behind the start of a number must be readable.
    static final int REACH = 32;

    private static final VarHandle EIGHT_BYTES =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long EIGHT_ZEROS = 0x3030303030303030L;
    private static final long TOPS = 0x8080808080808080L;

    /// Gathers the top bits of eight bytes in one byte, when multiplied and shifted down.
    private static final long GATHER = 0x0002040810204081L;

    /// By how many digits there are: which bytes of the first eight, and of the second, belong to
    /// them.
    private static final long[] FIRST_EIGHT = new long[32];

    private static final long[] SECOND_EIGHT = new long[32];

    /// Integers from here on are known well enough by their first 16 digits behind the point.
    private static final long PRECISE = 1L << 46;

    /// Units in the last place of binary64 by which a value may be off: 2^53 / [#PRECISE] for the
    /// digits that were cut off, and two for the roundings.
    private static final int DOUBT = (1 << 7) + 2;

    private static final int MOST_DIGITS = 20;
    private static final int DROPPED = 0x1FFF_FFFF;
    private static final int MIDDLE = 0x1000_0000;

    static {
        for (int digits = 1; digits < FIRST_EIGHT.length; digits++) {
            FIRST_EIGHT[digits] = -1L >>> 64 - 8 * Math.min(digits, 8);
            SECOND_EIGHT[digits] = digits <= 8 ? 0 : -1L >>> 64 - 8 * Math.min(digits - 8, 8);
        }
    }

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
        long first = (long) EIGHT_BYTES.get(bytes, at + 2) ^ EIGHT_ZEROS;
        long second = (long) EIGHT_BYTES.get(bytes, at + 10) ^ EIGHT_ZEROS;
        long whole =
                (leading * 100_000_000L + valueOf(first & FIRST_EIGHT[digits])) * 100_000_000L
                        + valueOf(second & SECOND_EIGHT[digits]);
        double magnitude = whole * 1e-16;
        int dropped = (int) Double.doubleToRawLongBits(magnitude) & DROPPED;
        if ((digits > 16 && whole < PRECISE) || Math.abs(dropped - MIDDLE) <= DOUBT) {
            return -1;
        }
        value = Float.intBitsToFloat(Float.floatToRawIntBits((float) magnitude) | minus << 31);
        return end;
    }

    private static int notDigits(byte[] bytes, int start) {
        return notDigits((long) EIGHT_BYTES.get(bytes, start))
                | notDigits((long) EIGHT_BYTES.get(bytes, start + 8)) << 8
                | notDigits((long) EIGHT_BYTES.get(bytes, start + 16)) << 16;
    }

    /// A bit for each byte that is no digit, right up to the first such byte behind sign and point,
    /// which is the one that counts: only bytes beyond ASCII carry into their neighbours.
    private static int notDigits(long bytes) {
        long eight = bytes ^ EIGHT_ZEROS;
        long tops = (eight + 0x7676767676767676L | eight) & TOPS;
        return (int) (tops * GATHER >>> 56);
    }

    /// The number that eight digits, 0 to 9 each, stand for, in three multiplications: pairs, then
    /// fours, then all.
    private static long valueOf(long eight) {
        long pairs = eight * 10 + (eight >>> 8);
        long upper = (pairs & 0x000000FF000000FFL) * 0x000F424000000064L;
        long lower = (pairs >>> 16 & 0x000000FF000000FFL) * 0x0000271000000001L;
        return (upper + lower) >>> 32;
    }
}
