package batchnorm.tensor;

/// The storage type of a tensor's numbers, by the names of the Open Inference Protocol.
///
/// Arithmetic has two widths: FP64 in `double[]`, the others in `float[]`. FP16 and BF16 are stored
/// as the floats they decode to, computed as FP32 and rounded once when encoded.
public enum DataType {
    FP64(8),
    FP32(4),
    FP16(2),
    BF16(2);

    private final int bytes;

    DataType(int bytes) {
        this.bytes = bytes;
    }

    /// Returns the bytes of one encoded element.
    public int bytes() {
        return bytes;
    }

    /// Returns the nearest value of this datatype, ties to even; beyond its range, an infinity.
    public float round(float value) {
        return switch (this) {
            case FP64, FP32 -> value;
            case FP16 -> Float.float16ToFloat(Float.floatToFloat16(value));
            case BF16 -> bfloat16ToFloat(floatToBfloat16(value));
        };
    }

    /// Returns the nearest value of this datatype, narrower than binary64, rounded once, ties to
    /// even; beyond its range, an infinity.
    public float narrow(double value) {
        return switch (this) {
            case FP32 -> (float) value;
            case FP16, BF16 -> round(toOdd(value));
            case FP64 -> throw new IllegalArgumentException("FP64 is not narrower than binary64");
        };
    }

    /// Rounds to a float whose last bit is set if the result is inexact. Rounding that to half the
    /// width equals rounding the double directly (Boldo and Melquiond, "Emulation of FMA and
    /// correctly rounded sums: proved algorithms using rounding to odd", 2008).
    private static float toOdd(double value) {
        float nearest = (float) value;
        int bits = Float.floatToRawIntBits(nearest);
        if (nearest == value || (bits & 1) == 1 || Double.isNaN(value)) {
            return nearest;
        }
        return Float.intBitsToFloat(
                Math.abs((double) nearest) > Math.abs(value) ? bits - 1 : bits + 1);
    }

    /// Returns the upper half of a binary32, rounded to nearest, ties to even.
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
