package batchnorm.openinference;

import batchnorm.codec.Message;
import batchnorm.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// An inference request of the Open Inference Protocol.
///
/// @param id by which the caller knows the request
/// @param parameters what was said of the whole request: texts, numbers and truth values
/// @param inputs by name
/// @param outputs that are asked for; empty for all
public record InferenceRequest(
        @Nullable String id, Message parameters, Map<String, Tensor> inputs, List<Output> outputs) {

    /// One output that is asked for.
    public record Output(String name, Message parameters) {}
}
