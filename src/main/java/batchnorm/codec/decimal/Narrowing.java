package batchnorm.codec.decimal;

/// Where decimals that become the narrower datatypes need care.
public final class Narrowing {
    private static final double SMALLEST_NORMAL_FP16 = 0x1p-14;

    private Narrowing() {}

    /// Whether a double may lie halfway between two neighbours of some narrower datatype. If the
    /// double is itself a rounded decimal, a second rounding there could go the wrong way. Rare
    /// enough for a slow answer.
    public static boolean mayBeHalfway(double value) {
        // The bits that FP32, FP16 and BF16 drop begin with a 1 and go on with zeros: 29, 42 and
        // 45 bits of normal numbers, more of subnormal ones.
        int zeros = Long.numberOfTrailingZeros(Double.doubleToRawLongBits(value));
        return zeros == 28
                || zeros == 41
                || zeros == 44
                || (zeros > 28 && Math.abs(value) < SMALLEST_NORMAL_FP16 && value != 0);
    }
}
