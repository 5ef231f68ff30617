package batchnorm.layer;

import batchnorm.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The result of a forward pass, in either mode.
public sealed interface ForwardResult permits Inferred, TrainResult {
    Tensor output();

    /// Returns the id of the stored context; null without one.
    @Nullable String contextId();

    /// Returns the tensors that are unused after the response: the output, and the input unless a
    /// context holds it.
    default List<Tensor> spent(Tensor input) {
        return contextId() == null ? List.of(output(), input) : List.of(output());
    }
}
