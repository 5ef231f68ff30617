package batchnorm.web.api;

import batchnorm.layer.Inferred;
import batchnorm.tensor.Tensor;
import jakarta.validation.constraints.Positive;
import org.jspecify.annotations.Nullable;

/// The result of an inference.
@TensorBody
public record ForwardInferAnswer(
        Tensor output, @Positive long version, @OmitWhenNull @Nullable String contextId)
        implements ApiAnswer {

    public static ForwardInferAnswer of(Inferred inferred) {
        return new ForwardInferAnswer(
                inferred.output(), inferred.layer().version(), inferred.contextId());
    }
}
