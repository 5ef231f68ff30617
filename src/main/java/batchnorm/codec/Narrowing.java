package batchnorm.codec;

import batchnorm.tensor.DataType;

/// From binary64 to the narrower datatypes, which are held as the floats they decode to. Each
/// rounds once, to nearest, ties to even; what is too large becomes an infinity.
final class Narrowing {
    private static final double SMALLEST_NORMAL_FP16 = 0x1p-14;

    private Narrowing() {}

    static float narrow(double value, DataType dataType) {
        return switch (dataType) {
            case FP32 -> (float) value;
            case FP16, BF16 -> dataType.round(toOdd(value));
            case FP64 -> throw new IllegalArgumentException("FP64 is not narrower than binary64");
        };
    }

    /// Rounds to a float whose last bit is set when anything was lost. Rounding that to half the
    /// width gives what rounding the double at once would give (Boldo and Melquiond, "Emulation of
    /// FMA and correctly rounded sums: proved algorithms using rounding to odd", 2008).
    private static float toOdd(double value) {
        float nearest = (float) value;
        int bits = Float.floatToRawIntBits(nearest);
        if (nearest == value || (bits & 1) == 1 || Double.isNaN(value)) {
            return nearest;
        }
        return Float.intBitsToFloat(
                Math.abs((double) nearest) > Math.abs(value) ? bits - 1 : bits + 1);
    }

    /// Whether a double may lie halfway between two neighbours of some narrower datatype. If the
    /// double is itself a rounded decimal, a second rounding there could go the wrong way. Rare
    /// enough for a slow answer.
    static boolean mayBeHalfway(double value) {
        // The bits that FP32, FP16 and BF16 drop begin with a 1 and go on with zeros: 29, 42 and
        // 45 bits of normal numbers, more of subnormal ones.
        int zeros = Long.numberOfTrailingZeros(Double.doubleToRawLongBits(value));
        return zeros == 28
                || zeros == 41
                || zeros == 44
                || (zeros > 28 && Math.abs(value) < SMALLEST_NORMAL_FP16 && value != 0);
    }
}
