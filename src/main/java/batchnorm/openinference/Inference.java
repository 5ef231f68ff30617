package batchnorm.openinference;

import batchnorm.codec.Message;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The result of an inference request.
///
/// @param version of the layer that computed it
/// @param commitNanos the duration of the commit; 0 without a change
/// @param parameters of the response
/// @param outputs by name, in order
/// @param spent tensors to reuse after the response
record Inference(
        long version,
        long commitNanos,
        Message parameters,
        Map<String, Tensor> outputs,
        List<Tensor> spent) {

    static Inference at(long version) {
        return at(version, 0);
    }

    static Inference at(long version, long commitNanos) {
        return new Inference(
                version, commitNanos, new Message(), new LinkedHashMap<>(), new ArrayList<>());
    }

    Inference with(String name, Tensor output) {
        outputs.put(name, output);
        return this;
    }

    /// Adds the number of values per channel, or their fractional sum of weights.
    Inference withCount(double count) {
        if (count == Math.rint(count)) {
            parameters.with("count", (Long) (long) count);
        } else {
            parameters.with("count", (Double) count);
        }
        return this;
    }

    Inference spends(List<Tensor> tensors) {
        spent.addAll(tensors);
        return this;
    }

    /// Releases the arrays for later requests.
    void free() {
        spent.forEach(Tensor::free);
    }

    /// Adds a vector with one number per channel, unless null.
    Inference with(String name, double @Nullable [] vector) {
        return vector == null ? this : with(name, Tensor.of(Shape.of(vector.length), vector));
    }
}
