package batchnorm.web.api;

import batchnorm.normalization.ForwardPass.Mode;
import batchnorm.tensor.Tensor;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// A batch whose every step is shown, with the layer that it passes through.
public record ExplainBatchRequest(
        Tensor input,
        @Nullable Tensor gradOutput,
        @DefaultValue("train") Mode mode,
        @Unwrapped LayerDefinition definition)
        implements ApiRequest {}
