package batchnorm.codec.decimal;

import static batchnorm.codec.decimal.Swar.EIGHT_BYTES;
import static batchnorm.codec.decimal.Swar.EIGHT_ZEROS;

import java.util.Arrays;

/// Formats a float array as JSON text, in batches. Converts from binary to decimal as in
/// [ShortestDecimal], with the same results, step by step over arrays.
///
/// Each step is a short loop over longs without a branch. The compiler vectorizes short loops but
/// not longer ones. Text is laid out one number at a time, since the position of a number depends
/// on the lengths of those before it.
///
/// The interval of numbers that round to a float is symmetric: half a unit to each side. One
/// product is therefore enough to choose: the remainder of the float beyond a multiple of ten.
/// [DecimalWriter] formats zeros, subnormal and non-finite numbers. It also formats powers of two,
/// whose interval is asymmetric, except from 2^-13 to 8, where the result is the same. `NumberFuzz`
/// verifies that 64 bits suffice for every float.
public final class BatchFloatFormatter implements NumberText {
    private static final int LENGTH = 256;

    private static final int FRACTION_BITS = 23;
    private static final int FRACTION = (1 << FRACTION_BITS) - 1;
    private static final int BIAS = 127 + FRACTION_BITS;
    private static final int NON_FINITE = 255;

    /// Indexed by exponent field: `2^power / 10^(scale+1)`, times 2^64, rounded up.
    private static final long[] UNITS = new long[NON_FINITE + 1];

    /// Indexed by exponent field: the power of ten of the first of nine digits; out of range where
    /// the batch does not apply.
    private static final long[] POWERS = new long[NON_FINITE + 1];

    /// An upper bound on the rounding error of a unit, multiplied by fewer than 2^24 units.
    private static final long ROUNDED_UP = 1L << 25;

    static {
        Arrays.fill(POWERS, Integer.MAX_VALUE);
        for (int biased = 1; biased < NON_FINITE; biased++) {
            int scale = ShortestDecimal.floorLog10(biased - BIAS, false);
            UNITS[biased] = ShortestDecimal.unitInTens(biased - BIAS);
            POWERS[biased] = scale + 8L;
        }
    }

    private static final int BYTE = 0xFF;
    private static final int BEHIND = 8;
    private static final int LEAD = 16;

    private final float[] values;

    /// The range `[first, end)` of elements in the batch.
    private int first;

    private int end;

    private final long[] units;
    private final long[] significands;

    /// The whole tens, then all nine digits.
    private final long[] digits;

    /// The remainder beyond whole tens; then the eight digits after the first, one byte each, first
    /// as numbers and finally as characters.
    private final long[] rests;

    /// The first of nine digits.
    private final long[] leading;

    /// The power of ten of the first digit; out of range where the batch does not apply.
    private final long[] powers;

    /// The layout of a number after its sign: its length, the position of the eight digits after
    /// the first ([#BEHIND]), and the shift of the first digit in bits ([#LEAD]). Negative unless
    /// the number is `d.ddd` or `0.00ddd`.
    private final long[] forms;

    private final DecimalWriter others = new DecimalWriter();

    public BatchFloatFormatter(float[] values) {
        this.values = values;
        int length = Math.min(values.length, LENGTH);
        units = new long[length];
        significands = new long[length];
        digits = new long[length];
        rests = new long[length];
        leading = new long[length];
        powers = new long[length];
        forms = new long[length];
    }

    /// Returns whether this formats the given array.
    @SuppressWarnings("ReferenceEquality") // an equal one may change
    public boolean areOf(float[] array) {
        return values == array;
    }

    @Override
    public int write(byte[] text, int start, int from, int to) {
        int at = start;
        for (int next = from; next < to; ) {
            if (next < first || next >= end) {
                fill(next);
            }
            int stop = Math.min(to, end);
            at = layOut(text, at, next, stop);
            next = stop;
        }
        return at;
    }

    /// Converts a batch from binary to decimal, starting at an element.
    private void fill(int from) {
        first = from;
        end = Math.min(values.length, from + units.length);
        gather(end - from);
        tens(end - from);
        nearest(end - from);
        nine(end - from);
        lead(end - from);
        fours(rests);
        pairs(rests);
        ones(rests);
        forms(end - from);
    }

    private void gather(int count) {
        for (int i = 0; i < count; i++) {
            int bits = Float.floatToRawIntBits(values[first + i]);
            units[i] = UNITS[bits >>> FRACTION_BITS & NON_FINITE];
            significands[i] = bits & FRACTION | 1 << FRACTION_BITS;
            powers[i] = POWERS[bits >>> FRACTION_BITS & NON_FINITE];
        }
    }

    /// Multiplies unit and significand: whole tens, and the remainder, times 2^63.
    private void tens(int count) {
        for (int i = 0; i < count; i++) {
            long lower = (units[i] & 0xFFFFFFFFL) * significands[i];
            long upper = (units[i] >>> 32) * significands[i];
            digits[i] = upper + (lower >>> 32) >>> 32;
            rests[i] = (upper << 32) + lower >>> 1;
        }
    }

    /// Chooses the multiple of ten around the number if exactly one lies in the interval, otherwise
    /// the nearest unit. Conditions are masks, -1 for true.
    private void nearest(int count) {
        oneTen(count);
        for (int i = 0; i < count; i++) {
            long tenfold = (rests[i] >>> 3) * 10;
            long even = ~(tenfold >>> 60) & 1;
            long unit = tenfold + (1L << 59) - (-even & ROUNDED_UP) >>> 60;
            digits[i] = 10 * digits[i] + (significands[i] | unit & units[i]);
        }
    }

    /// Detects whether exactly one multiple of ten lies in the interval. If so, sets the mask of
    /// the units to 0 and replaces the significand by the amount that this multiple adds.
    private void oneTen(int count) {
        for (int i = 0; i < count; i++) {
            long half = units[i] >>> 2;
            long odd = significands[i] & 1;
            // The bounds belong to the interval only when the significand is even.
            long tenBelowIn = rests[i] - half - ((odd - 1) & ROUNDED_UP) >> 63;
            long tenAboveIn = Long.MAX_VALUE - rests[i] - half + (-odd & ROUNDED_UP) >> 63;
            units[i] = ~(tenBelowIn | tenAboveIn);
            significands[i] = tenAboveIn & 10;
        }
    }

    /// Extends to nine digits with trailing zeros; at least seven digits are present.
    private void nine(int count) {
        for (int i = 0; i < count; i++) {
            long eight = digits[i] - 100_000_000 >> 63;
            long seven = digits[i] - 10_000_000 >> 63;
            powers[i] += eight + seven;
            digits[i] *= 1 + (eight & 9) + (seven & 90);
        }
    }

    /// Splits off the first of nine digits; the multiplication divides by 10^8.
    private void lead(int count) {
        for (int i = 0; i < count; i++) {
            leading[i] = digits[i] * 1_441_151_881 >>> 57;
            rests[i] = digits[i] - 100_000_000 * leading[i];
        }
    }

    private static void fours(long[] numbers) {
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = DecimalWriter.fours(numbers[i]);
        }
    }

    private static void pairs(long[] fours) {
        for (int i = 0; i < fours.length; i++) {
            fours[i] = DecimalWriter.pairs(fours[i]);
        }
    }

    private static void ones(long[] pairs) {
        for (int i = 0; i < pairs.length; i++) {
            pairs[i] = DecimalWriter.ones(pairs[i]);
        }
    }

    /// Computes the layout. Most numbers are below 10: `d.ddd`, or `0.00ddd` with at most four
    /// zeros. Trailing zeros are dropped, except one directly after the point.
    private void forms(int count) {
        for (int i = 0; i < count; i++) {
            long empty = Long.numberOfLeadingZeros(rests[i]);
            forms[i] = 9 - (empty >>> 3);
        }
        for (int i = 0; i < count; i++) {
            long zeros = -powers[i];
            long small = zeros + 3 >>> 2;
            long behind = zeros + 2;
            long length = behind - 1 + Math.max(forms[i], 2 - small);
            long other = (zeros | -DecimalWriter.SMALLEST_PLAIN - zeros) & Long.MIN_VALUE;
            forms[i] = length | behind << BEHIND | zeros + small << LEAD + 3 | other;
        }
        for (int i = 0; i < count; i++) {
            rests[i] += EIGHT_ZEROS;
        }
    }

    /// Lays out the text without a branch between the common forms: it would be unpredictable.
    private int layOut(byte[] text, int start, int from, int to) {
        // Local copies: otherwise the compiler reloads each array for every number.
        float[] floats = values;
        long[] firsts = leading;
        long[] eights = rests;
        long[] layouts = forms;
        int offset = first;
        int at = start;
        for (int i = from - offset; i < to - offset; i++) {
            int bits = Float.floatToRawIntBits(floats[offset + i]);
            long form = layouts[i];
            if (form < 0) {
                at = other(text, at, offset + i);
            } else {
                int sign = bits >>> 31;
                long head = DecimalWriter.ZERO_POINT_ZEROS + (firsts[i] << (form >>> LEAD));
                EIGHT_BYTES.set(text, at, head << 8 * sign | '-' & -sign);
                at += sign;
                EIGHT_BYTES.set(text, at + (int) (form >>> BEHIND & BYTE), eights[i]);
                at += (int) form & BYTE;
            }
            text[at++] = ',';
        }
        return at;
    }

    private int other(byte[] text, int at, int index) {
        int bits = Float.floatToRawIntBits(values[index]);
        int biased = bits >>> FRACTION_BITS & NON_FINITE;
        if ((bits & FRACTION) == 0 || biased == 0 || biased == NON_FINITE) {
            return others.write(text, at, values[index]);
        }
        text[at] = '-';
        int lane = index - first;
        return DecimalWriter.writeNine(
                text, at + (bits >>> 31), leading[lane], rests[lane], (int) powers[lane]);
    }
}
