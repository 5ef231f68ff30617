package batchnorm.normalization;

/// An unevaluated sum of two doubles, about 106 bits, for sums and products that are rounded once.
///
/// The algorithms, and their error bounds of a few `2⁻¹⁰⁶` relative to the operands, are those of
/// Joldes, Muller, Popescu, "Tight and rigorous error bounds for basic building blocks of
/// double-word arithmetic" (2017). A value beyond the range of a double becomes NaN.
///
/// @param high the sum, rounded to a double
/// @param low the rounding error
record DoubleDouble(double high, double low) {
    static final DoubleDouble ZERO = new DoubleDouble(0, 0);

    double rounded() {
        return high + low;
    }

    DoubleDouble plus(DoubleDouble other) {
        DoubleDouble highs = exactSum(high, other.high);
        DoubleDouble lows = exactSum(low, other.low);
        DoubleDouble sum = normalized(highs.high, highs.low + lows.high);
        return normalized(sum.high, sum.low + lows.low);
    }

    DoubleDouble plus(double other) {
        DoubleDouble sum = exactSum(high, other);
        return normalized(sum.high, sum.low + low);
    }

    DoubleDouble minus(DoubleDouble other) {
        return plus(new DoubleDouble(-other.high, -other.low));
    }

    DoubleDouble times(DoubleDouble other) {
        double product = high * other.high;
        double rest = Math.fma(high, other.high, -product);
        double crossed = Math.fma(low, other.high, Math.fma(high, other.low, low * other.low));
        return normalized(product, rest + crossed);
    }

    DoubleDouble times(double factor) {
        double product = high * factor;
        double rest = Math.fma(high, factor, -product);
        return normalized(product, Math.fma(low, factor, rest));
    }

    DoubleDouble dividedBy(double divisor) {
        double quotient = high / divisor;
        double product = quotient * divisor;
        double rest = Math.fma(quotient, divisor, -product);
        return normalized(quotient, (high - product - rest + low) / divisor);
    }

    /// Returns the quotient by one step of long division.
    DoubleDouble dividedBy(DoubleDouble divisor) {
        double quotient = high / divisor.high;
        DoubleDouble rest = minus(divisor.times(quotient));
        return normalized(quotient, rest.rounded() / divisor.high);
    }

    /// Returns Knuth's exact sum of any two doubles.
    private static DoubleDouble exactSum(double a, double b) {
        double sum = a + b;
        double partOfB = sum - a;
        return new DoubleDouble(sum, (a - (sum - partOfB)) + (b - partOfB));
    }

    /// Returns Dekker's exact sum, where `a` is 0 or not the smaller in size.
    private static DoubleDouble normalized(double a, double b) {
        double sum = a + b;
        return new DoubleDouble(sum, b - (sum - a));
    }
}
