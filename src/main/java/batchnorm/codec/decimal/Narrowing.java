package batchnorm.codec.decimal;

/// Detects decimals that need care when narrowed.
public final class Narrowing {
    private static final double SMALLEST_NORMAL_FP16 = 0x1p-14;

    private Narrowing() {}

    /// Returns whether a double may be the midpoint of two neighbours of some narrower datatype. If
    /// the double is itself a rounded decimal, a second rounding there could be wrong. Such numbers
    /// are rare enough for a slow path.
    public static boolean mayBeHalfway(double value) {
        // The bits that FP32, FP16 and BF16 drop are a 1 followed by zeros: 29, 42 and
        // 45 bits of normal numbers, more of subnormal ones.
        int zeros = Long.numberOfTrailingZeros(Double.doubleToRawLongBits(value));
        return zeros == 28
                || zeros == 41
                || zeros == 44
                || (zeros > 28 && Math.abs(value) < SMALLEST_NORMAL_FP16 && value != 0);
    }
}
