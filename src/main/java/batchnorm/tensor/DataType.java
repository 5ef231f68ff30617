package batchnorm.tensor;

/// How a tensor's numbers are stored, by the names of the Open Inference Protocol.
///
/// Arithmetic knows two widths: FP64 in `double[]`, the others in `float[]`. FP16 and BF16 are held
/// as the floats they decode to, computed as FP32 and rounded once when they are encoded.
public enum DataType {
    FP64(8),
    FP32(4),
    FP16(2),
    BF16(2);

    private final int bytes;

    DataType(int bytes) {
        this.bytes = bytes;
    }

    /// Bytes of one element on the wire.
    public int bytes() {
        return bytes;
    }

    /// The nearest value of this datatype, ties to even; beyond its range, an infinity.
    public float round(float value) {
        return switch (this) {
            case FP64, FP32 -> value;
            case FP16 -> Float.float16ToFloat(Float.floatToFloat16(value));
            case BF16 -> bfloat16ToFloat(floatToBfloat16(value));
        };
    }

    /// The nearest value of this datatype, which is narrower than binary64, rounded once, ties to
    /// even; beyond its range, an infinity.
    public float narrow(double value) {
        return switch (this) {
            case FP32 -> (float) value;
            case FP16, BF16 -> round(toOdd(value));
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

    /// The upper half of a binary32, rounded to nearest, ties to even.
    public static short floatToBfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short)
                    (bits >>> 16 | 0x40); // quiet, so that rounding cannot turn it into an infinity
        }
        return (short) ((bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16);
    }

    public static float bfloat16ToFloat(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }
}
