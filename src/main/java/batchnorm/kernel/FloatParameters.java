package batchnorm.kernel;

/// Parameters of channels in FP32. A center is split into two floats, so that its binary64 value is
/// subtracted from FP32 data with one rounding: `x - high` is exact where `x` is near, and `low` is
/// the remainder of `high`.
final class FloatParameters {
    static final double LARGE = 0x1p100;
    static final double SMALL = 0x1p-100;

    private FloatParameters() {}

    /// Returns whether an FP32 formula overflows only where its result does, and loses nothing to
    /// underflow. Every center and factor must be in range (or 0), and every addend not too large.
    /// NaN is out of range.
    static boolean fits(double[] centers, double[] factors, double[] addends) {
        return areSensible(centers) && areSensible(factors) && areBounded(addends);
    }

    static boolean areSensible(double[] values) {
        boolean sensible = true;
        for (double value : values) {
            double size = Math.abs(value);
            sensible &= size <= LARGE && (size >= SMALL || size == 0);
        }
        return sensible;
    }

    static boolean areBounded(double[] values) {
        boolean bounded = true;
        for (double value : values) {
            bounded &= Math.abs(value) <= LARGE;
        }
        return bounded;
    }

    /// Narrows the values `[first, end)`.
    static void high(double[] values, int first, int end, float[] high) {
        for (int i = first; i < end; i++) {
            high[i] = (float) values[i];
        }
    }

    static float[] high(double[] values) {
        float[] high = new float[values.length];
        high(values, 0, high.length, high);
        return high;
    }

    static float[] low(double[] values) {
        float[] low = new float[values.length];
        for (int i = 0; i < low.length; i++) {
            low[i] = (float) (values[i] - (float) values[i]);
        }
        return low;
    }
}
