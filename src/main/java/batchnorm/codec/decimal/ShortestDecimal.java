package batchnorm.codec.decimal;

/// Converts from binary to decimal: the shortest digits that read back as the same number and,
/// among those, the closest to it (Giulietti, "The Schubfach way to render doubles", 2022, in the
/// form with 128-bit powers).
///
/// The rounding interval of a number is scaled by a power of ten to hold between two and twenty
/// integers. The result is one of them, or a multiple of ten among them.
final class ShortestDecimal {
    private static final int DOUBLE_FRACTION_BITS = 52;
    private static final int FLOAT_FRACTION_BITS = 23;
    private static final int FLOAT_BIAS = 127 + FLOAT_FRACTION_BITS;

    /// The result: `digits · 10^exponent`; digits may end in zeros.
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
        long significand = biased == 0 ? fraction : fraction | 1 << FLOAT_FRACTION_BITS;
        int power = Math.max(biased, 1) - FLOAT_BIAS;
        boolean closerBelow = fraction == 0 && biased > 1;
        int scale = floorLog10(power, closerBelow);
        int shift = power + floorLog2OfPowerOfTen(-scale) + 1;
        long high = PowersOfTen.high(-scale) + 1;
        long middle = 4 * significand;
        choose(
                product(high, (middle - (closerBelow ? 1 : 2)) << shift),
                product(high, middle << shift),
                product(high, (middle + 2) << shift),
                scale,
                (int) significand & 1);
    }

    /// Returns the unit in the last place of floats with a given power of two, in tens of their
    /// last decimal digit: `2^power / 10^(scale+1)`, times 2^64, rounded up.
    static long unitInTens(int power) {
        int ten = -floorLog10(power, false) - 1;
        int shift = -(power + floorLog2OfPowerOfTen(ten) + 1);
        return (PowersOfTen.high(ten) >>> shift) + 1;
    }

    /// Chooses among the integers of the scaled interval. Prefers a multiple of ten if exactly one
    /// of the two around the number lies within. Otherwise prefers the only one of the two units
    /// around it that lies within, or the nearer of both.
    ///
    /// Conditions are masks, -1 for true: branches would be unpredictable.
    ///
    /// @param lower the lower bound, times 4, like `middle` (the number itself) and `upper`
    /// @param odd 1 when the bounds are excluded, since rounding to even would not read back as the
    ///   number
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

    /// Returns the integer part of `factor · power / 2^128`, its last bit set if inexact.
    private static long product(long high, long low, long factor) {
        long lower = Math.unsignedMultiplyHigh(low, factor);
        long middle = high * factor + lower;
        long upper = Math.unsignedMultiplyHigh(high, factor);
        if (Long.compareUnsigned(middle, lower) < 0) {
            upper++;
        }
        // The power is rounded up: an exact product shows a fraction of at most 1.
        return middle >>> 1 != 0 ? upper | 1 : upper;
    }

    /// Returns the same for `factor · power / 2^64`.
    private static long product(long power, long factor) {
        long upper = Math.unsignedMultiplyHigh(power, factor);
        return (power * factor) >>> 33 != 0 ? upper | 1 : upper;
    }

    /// Returns `⌊log10(2^power)⌋`, or `⌊log10(3/4 · 2^power)⌋`.
    static int floorLog10(int power, boolean threeQuarters) {
        return (power * 1262611 - (threeQuarters ? 524031 : 0)) >> 22;
    }

    /// Returns `⌊log2(10^exponent)⌋`.
    private static int floorLog2OfPowerOfTen(int exponent) {
        return (exponent * 1741647) >> 19;
    }
}
