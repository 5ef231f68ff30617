package batchnorm.kernel;

import batchnorm.tensor.ChannelLayout;
import batchnorm.tensor.Tensor;

/// A view of a tensor's values by channel.
public sealed interface ChannelArray {
    ChannelLayout layout();

    /// Returns the value at an index in row-major order, widened to binary64.
    double at(int index);

    /// Rounds a value to the type of the array and stores it.
    ///
    /// @return whether the rounded value is finite
    boolean put(int index, double value);

    /// Returns the values of an FP32 array.
    default float[] floats() {
        return ((Floats) this).values;
    }

    /// Returns the values of an FP64 array.
    default double[] doubles() {
        return ((Doubles) this).values;
    }

    static ChannelArray of(Tensor tensor, ChannelLayout layout) {
        return switch (tensor) {
            case Tensor.Floats floats -> new Floats(floats.values(), layout);
            case Tensor.Doubles doubles -> new Doubles(doubles.values(), layout);
        };
    }

    record Floats(float[] values, ChannelLayout layout) implements ChannelArray {
        @Override
        public double at(int index) {
            return values[index];
        }

        @Override
        public boolean put(int index, double value) {
            values[index] = (float) value;
            return Float.isFinite(values[index]);
        }
    }

    record Doubles(double[] values, ChannelLayout layout) implements ChannelArray {
        @Override
        public double at(int index) {
            return values[index];
        }

        @Override
        public boolean put(int index, double value) {
            values[index] = value;
            return Double.isFinite(value);
        }
    }
}
