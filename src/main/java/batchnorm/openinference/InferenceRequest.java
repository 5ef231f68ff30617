package batchnorm.openinference;

import batchnorm.codec.Message;
import batchnorm.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// An inference request of the Open Inference Protocol.
///
/// @param id the caller's id of the request
/// @param parameters of the whole request: texts, numbers and booleans
/// @param inputs by name
/// @param outputs the requested ones; empty for all
public record InferenceRequest(
        @Nullable String id, Message parameters, Map<String, Tensor> inputs, List<Output> outputs) {

    /// A requested output.
    public record Output(String name, Message parameters) {}
}
