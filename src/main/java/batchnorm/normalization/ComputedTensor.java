package batchnorm.normalization;

import batchnorm.kernel.ChannelArray;
import batchnorm.tensor.ArrayPool;
import batchnorm.tensor.ChannelLayout;
import batchnorm.tensor.DataType;
import batchnorm.tensor.Tensor;
import java.util.function.Predicate;

/// A tensor computed by the kernel.
///
/// @param finite whether every element is finite
record ComputedTensor(Tensor tensor, boolean finite) {
    /// Computes an output of the shape and datatype of an input; half-width results are rounded
    /// once.
    ///
    /// @param kernel fills an array and returns whether all its values are finite
    static ComputedTensor like(Tensor input, ChannelLayout layout, Predicate<ChannelArray> kernel) {
        Tensor output =
                switch (input) {
                    case Tensor.Floats floats ->
                            Tensor.of(
                                    floats.shape(),
                                    floats.dataType(),
                                    ArrayPool.FLOATS.acquire(floats.values().length));
                    case Tensor.Doubles doubles ->
                            Tensor.of(
                                    doubles.shape(),
                                    ArrayPool.DOUBLES.acquire(doubles.values().length));
                };
        boolean finite = kernel.test(ChannelArray.of(output, layout));
        return new ComputedTensor(output, rounded(output) && finite);
    }

    /// @return whether every value is finite after rounding
    private static boolean rounded(Tensor output) {
        DataType dataType = output.dataType();
        boolean finite = true;
        if (output instanceof Tensor.Floats floats && dataType != DataType.FP32) {
            float[] values = floats.values();
            for (int i = 0; i < values.length; i++) {
                values[i] = dataType.round(values[i]);
                finite &= Float.isFinite(values[i]);
            }
        }
        return finite;
    }
}
