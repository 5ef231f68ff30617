package batchnorm.kernel;

/// An array written from binary64, rounding to its own type.
@FunctionalInterface
interface Target {
    /// @return whether the rounded value is finite
    boolean put(int index, double value);

    static Target into(float[] values) {
        return (i, value) -> {
            values[i] = (float) value;
            return Float.isFinite(values[i]);
        };
    }

    static Target into(double[] values) {
        return (i, value) -> {
            values[i] = value;
            return Double.isFinite(value);
        };
    }
}
