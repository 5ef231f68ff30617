package batchnorm.codec.decimal;

import static batchnorm.codec.decimal.Swar.EIGHT_BYTES;
import static batchnorm.codec.decimal.Swar.EIGHT_ZEROS;

import java.util.Arrays;

/// The floats of an array as JSON text, many at a time: from binary to decimal as in
/// [ShortestDecimal], whose answers these are, step by step over arrays.
///
/// Each step is a loop of a few operations on longs without a branch, which the compiler turns into
/// vector instructions; longer loops it leaves as they are. Text is laid out one by one, since
/// where a number stands depends on the length of those before it.
///
/// As the interval of numbers that round to a float reaches equally far to both sides, half of a
/// unit's size, one product is enough to choose: see what the float has beyond a ten. Zeros,
/// subnormal and non-finite numbers go through [DecimalWriter], and powers of two, whose interval
/// is uneven, but for those from 2^-13 to 8, to which that makes no difference. That 64 bits do was
/// tried with every float there is, as `NumberFuzz` can.
public final class BatchFloatFormatter implements NumberText {
    private static final int LENGTH = 256;

    private static final int FRACTION_BITS = 23;
    private static final int FRACTION = (1 << FRACTION_BITS) - 1;
    private static final int BIAS = 127 + FRACTION_BITS;
    private static final int NON_FINITE = 255;

    /// By a float's exponent field: `2^power / 10^(scale+1)`, times 2^64, rounded up.
    private static final long[] UNITS = new long[NON_FINITE + 1];

    /// By a float's exponent field: the power of ten of the first of nine digits; far off where the
    /// lanes are no good.
    private static final long[] POWERS = new long[NON_FINITE + 1];

    /// More than what rounding a unit up adds to a number below 2^24 units.
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

    /// What the lanes hold: the elements `[first, end)`.
    private int first;

    private int end;

    private final long[] units;
    private final long[] significands;

    /// What there is of whole tens, then all nine digits.
    private final long[] digits;

    /// What there is beyond whole tens; then the eight digits after the first, a byte each, as
    /// numbers and in the end as characters.
    private final long[] rests;

    /// The first of nine digits.
    private final long[] leading;

    /// The power of ten of the first digit; far off where the lanes are no good.
    private final long[] powers;

    /// How a number is laid out behind its sign: its length, the place of the eight digits after
    /// the first ([#BEHIND]), and by how many bits to shift the first one ([#LEAD]). Negative where
    /// it is not `d.ddd` or `0.00ddd`.
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

    /// Whether this writes that very array.
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

    /// From binary to decimal, from an element on: as many as there are lanes.
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

    /// The product of unit and significand: whole tens, and what is beyond, times 2^63.
    private void tens(int count) {
        for (int i = 0; i < count; i++) {
            long lower = (units[i] & 0xFFFFFFFFL) * significands[i];
            long upper = (units[i] >>> 32) * significands[i];
            digits[i] = upper + (lower >>> 32) >>> 32;
            rests[i] = (upper << 32) + lower >>> 1;
        }
    }

    /// Chooses between the two tens around the number if exactly one of them lies in the interval,
    /// else the nearest unit. Conditions are masks, -1 for true.
    private void nearest(int count) {
        oneTen(count);
        for (int i = 0; i < count; i++) {
            long tenfold = (rests[i] >>> 3) * 10;
            long even = ~(tenfold >>> 60) & 1;
            long unit = tenfold + (1L << 59) - (-even & ROUNDED_UP) >>> 60;
            digits[i] = 10 * digits[i] + (significands[i] | unit & units[i]);
        }
    }

    /// Whether exactly one ten lies in the interval: then the units' mask is 0, and what that ten
    /// adds is in place of the significands.
    private void oneTen(int count) {
        for (int i = 0; i < count; i++) {
            long half = units[i] >>> 2;
            long odd = significands[i] & 1;
            // What the bounds belong to lies in only when the significand is even.
            long tenBelowIn = rests[i] - half - ((odd - 1) & ROUNDED_UP) >> 63;
            long tenAboveIn = Long.MAX_VALUE - rests[i] - half + (-odd & ROUNDED_UP) >> 63;
            units[i] = ~(tenBelowIn | tenAboveIn);
            significands[i] = tenAboveIn & 10;
        }
    }

    /// Zeros at the end make all digits nine; there are seven at least.
    private void nine(int count) {
        for (int i = 0; i < count; i++) {
            long eight = digits[i] - 100_000_000 >> 63;
            long seven = digits[i] - 10_000_000 >> 63;
            powers[i] += eight + seven;
            digits[i] *= 1 + (eight & 9) + (seven & 90);
        }
    }

    /// Cuts off the first of nine digits; the multiplication divides by 10^8.
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

    /// The common number is below 10: `d.ddd`, or `0.00ddd` with at most four zeros. Zeros at its
    /// end are left away, but for one right behind the point.
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

    /// No branch tells the common forms apart, which would be as good as random.
    private int layOut(byte[] text, int start, int from, int to) {
        // Without these, the compiler loads each array again for every number.
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
