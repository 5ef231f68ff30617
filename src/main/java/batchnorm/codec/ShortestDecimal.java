package batchnorm.codec;

/// From binary to decimal: the shortest digits that read back as the same number and, among the
/// shortest, the closest to it (Giulietti, "The Schubfach way to render doubles", 2022, in the form
/// with 128-bit powers).
///
/// The rounding interval of a number is scaled by a power of ten so that it holds at least two and
/// at most twenty integers; one of them, or of their tens, is the answer.
final class ShortestDecimal {
    private static final int DOUBLE_FRACTION_BITS = 52;
    private static final int FLOAT_FRACTION_BITS = 23;
    private static final int FLOAT_BIAS = 127 + FLOAT_FRACTION_BITS;

    /// More than what rounding a unit up adds to a number below 2^24 units.
    private static final long ROUNDED_UP = 1L << 25;

    /// By a float's exponent field: `2^power / 10^(scale+1)`, times 2^64, rounded up.
    private static final long[] FLOAT_UNITS = new long[255];

    static {
        for (int biased = 0; biased < FLOAT_UNITS.length; biased++) {
            int power = Math.max(biased, 1) - FLOAT_BIAS;
            int ten = -floorLog10(power, false) - 1;
            int shift = -(power + floorLog2OfPowerOfTen(ten) + 1);
            FLOAT_UNITS[biased] = (PowersOfTen.high(ten) >>> shift) + 1;
        }
    }

    /// The answer: `digits · 10^exponent`; the last digits may be zeros.
    long digits;

    int exponent;

    /// @param magnitude positive and finite
    void of(double magnitude) {
        long bits = Double.doubleToRawLongBits(magnitude);
        long fraction = bits & (1L << DOUBLE_FRACTION_BITS) - 1;
        int biased = (int) (bits >>> DOUBLE_FRACTION_BITS);
        long significand = biased == 0 ? fraction : fraction | 1L << DOUBLE_FRACTION_BITS;
        int power = Math.max(biased, 1) - 1023 - DOUBLE_FRACTION_BITS;
        // Below a power of two the neighbour is only half as far.
        boolean closerBelow = fraction == 0 && biased > 1;
        int scale = floorLog10(power, closerBelow);
        int shift = power + floorLog2OfPowerOfTen(-scale) + 1;
        long high = PowersOfTen.high(-scale);
        long low = PowersOfTen.low(-scale) + 1;
        long middle = 4 * significand;
        choose(
                product(high, low, (middle - (closerBelow ? 1 : 2)) << shift),
                product(high, low, middle << shift),
                product(high, low, (middle + 2) << shift),
                scale,
                (int) significand & 1);
    }

    /// @param magnitude positive and finite
    void of(float magnitude) {
        int bits = Float.floatToRawIntBits(magnitude);
        int fraction = bits & (1 << FLOAT_FRACTION_BITS) - 1;
        int biased = bits >>> FLOAT_FRACTION_BITS;
        if (fraction == 0 && biased > 1) {
            ofPowerOfTwo(biased);
            return;
        }
        long significand = biased == 0 ? fraction : fraction | 1 << FLOAT_FRACTION_BITS;
        int power = Math.max(biased, 1) - FLOAT_BIAS;
        chooseTenOrUnit(FLOAT_UNITS[biased], significand);
        exponent = floorLog10(power, false);
    }

    /// A power of two is nearer to the float below it than to the one above: its interval is not
    /// even.
    private void ofPowerOfTwo(int biased) {
        long significand = 1L << FLOAT_FRACTION_BITS;
        int power = biased - FLOAT_BIAS;
        int scale = floorLog10(power, true);
        int shift = power + floorLog2OfPowerOfTen(-scale) + 1;
        long high = PowersOfTen.high(-scale) + 1;
        long middle = 4 * significand;
        choose(
                product(high, (middle - 1) << shift),
                product(high, middle << shift),
                product(high, (middle + 2) << shift),
                scale,
                0);
    }

    /// Chooses as [#choose] does, with one product for all: as the interval reaches equally far to
    /// both sides, half of a unit's size, it is enough to see what the number has beyond a ten. The
    /// fuzz writes every float there is, which proves that 64 bits do.
    ///
    /// @param unit the number's unit in the last place in tens, times 2^64, rounded up
    private void chooseTenOrUnit(long unit, long significand) {
        long tens = Math.unsignedMultiplyHigh(unit, significand);
        long beyond = unit * significand >>> 1;
        long half = unit >>> 2;
        long odd = significand & 1;

        // What the bounds belong to lies in only when the significand is even.
        long tenBelowIn = beyond - half - ((odd - 1) & ROUNDED_UP) >> 63;
        long tenAboveIn = Long.MAX_VALUE - beyond - half + (-odd & ROUNDED_UP) >> 63;
        long oneTenIn = tenBelowIn | tenAboveIn;

        long tenfold = (beyond >>> 3) * 10;
        long even = ~(tenfold >>> 60) & 1;
        long nearest = tenfold + (1L << 59) - (-even & ROUNDED_UP) >>> 60;

        digits = 10 * tens + ((oneTenIn & tenAboveIn & 10) | (~oneTenIn & nearest));
    }

    /// Chooses between the integers of the scaled interval: tens if exactly one of the two around
    /// the number lies within, else that one of the two units around it which lies within, else the
    /// nearer of these.
    ///
    /// Which it is, is as good as random, so conditions are masks, -1 for true, not branches.
    ///
    /// @param lower of the interval, times 4; so are middle, the number itself, and upper
    /// @param odd 1 when the bounds do not belong to the interval, since rounding to even would not
    ///   lead back
    private void choose(long lower, long middle, long upper, int scale, int odd) {
        long first = lower + odd;
        long last = upper - odd;
        long unit = middle >>> 2;
        long ten = unit / 10 * 10;

        long tenBelowOut = (4 * ten - first) >> 63;
        long tenAboveIn = ~((last - 4 * ten - 40) >> 63);
        long oneTenIn = ~(tenBelowOut ^ tenAboveIn);

        long unitBelowOut = (4 * unit - first) >> 63;
        long unitAboveIn = ~((last - 4 * unit - 4) >> 63);
        long oneUnitIn = ~(unitBelowOut ^ unitAboveIn);
        long nearerAbove = (4 * unit + 2 - middle - (unit & 1)) >> 63;
        long unitAbove = (oneUnitIn & unitAboveIn) | (~oneUnitIn & nearerAbove);

        digits = (oneTenIn & (ten + (tenAboveIn & 10))) | (~oneTenIn & (unit - unitAbove));
        exponent = scale;
    }

    /// The integer part of `factor · power / 2^128`, its last bit set when a fraction was cut off.
    private static long product(long high, long low, long factor) {
        long lower = Math.unsignedMultiplyHigh(low, factor);
        long middle = high * factor + lower;
        long upper = Math.unsignedMultiplyHigh(high, factor);
        if (Long.compareUnsigned(middle, lower) < 0) {
            upper++;
        }
        // The power is rounded up, so an exact product shows a fraction of at most 1.
        return middle >>> 1 != 0 ? upper | 1 : upper;
    }

    /// The same for `factor · power / 2^64`.
    private static long product(long power, long factor) {
        long upper = Math.unsignedMultiplyHigh(power, factor);
        return (power * factor) >>> 33 != 0 ? upper | 1 : upper;
    }

    /// `⌊log10(2^power)⌋`, or `⌊log10(3/4 · 2^power)⌋`.
    private static int floorLog10(int power, boolean threeQuarters) {
        return (power * 1262611 - (threeQuarters ? 524031 : 0)) >> 22;
    }

    /// `⌊log2(10^exponent)⌋`
    private static int floorLog2OfPowerOfTen(int exponent) {
        return (exponent * 1741647) >> 19;
    }
}
