package batchnorm.layer;

import batchnorm.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a forward pass answers, in either mode.
public sealed interface ForwardResult permits Inferred, TrainResult {
    Tensor output();

    /// Under which the pass is kept for its backward; null when it is not.
    @Nullable String contextId();

    /// What nobody reads any more once this is answered: the output, and the input, unless a
    /// context keeps it.
    default List<Tensor> spent(Tensor input) {
        return contextId() == null ? List.of(output(), input) : List.of(output());
    }
}
