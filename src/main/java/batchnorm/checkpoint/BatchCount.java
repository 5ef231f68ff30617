package batchnorm.checkpoint;

import batchnorm.tensor.Tensor;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// The number of batches in a tensor: one whole number from 0 on, of any type.
final class BatchCount {
    private static final double BEYOND_LONG = 0x1p63;

    private BatchCount() {}

    /// @param value an integer or a tensor, as a codec reads it; null if unreadable
    /// @return the count; empty when the value is invalid
    static OptionalLong of(@Nullable Object value) {
        return switch (value) {
            case Long count when count >= 0 -> OptionalLong.of(count);
            case Tensor tensor when tensor.shape().elements() == 1 -> of(tensor.at(0));
            case null, default -> OptionalLong.empty();
        };
    }

    private static OptionalLong of(double value) {
        return value >= 0 && value < BEYOND_LONG && value == Math.rint(value)
                ? OptionalLong.of((long) value)
                : OptionalLong.empty();
    }

    /// Returns an invalid value for a message.
    static String inWords(Object value) {
        return switch (value) {
            case Tensor tensor when tensor.shape().elements() == 1 -> String.valueOf(tensor.at(0));
            case Tensor tensor -> "of shape " + tensor.shape();
            default -> value.toString();
        };
    }
}
