package batchnorm.openinference;

import batchnorm.codec.Message;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What an inference request came to.
///
/// @param version of the layer that answered
/// @param commitNanos how long it took to make the change durable; 0 where nothing was changed
/// @param parameters what there is to tell beside tensors
/// @param outputs by name, in order
/// @param spent what nobody reads any more once this is answered
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

    /// Adds the number of values of each channel, or their sum of weights, which may have a
    /// fraction.
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

    /// Lets the next request have the arrays.
    void free() {
        spent.forEach(Tensor::free);
    }

    /// Adds a vector of one number per channel; nothing where there is none.
    Inference with(String name, double @Nullable [] vector) {
        return vector == null ? this : with(name, Tensor.of(Shape.of(vector.length), vector));
    }
}
