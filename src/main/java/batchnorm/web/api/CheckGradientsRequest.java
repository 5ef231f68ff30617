package batchnorm.web.api;

import batchnorm.normalization.ForwardPass.Mode;
import batchnorm.tensor.Tensor;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// A batch whose gradients are compared with finite differences, with the layer that it passes
/// through.
public record CheckGradientsRequest(
        Tensor input,
        @Nullable Tensor gradOutput,
        @DefaultValue("train") Mode mode,
        @Unwrapped LayerDefinition definition)
        implements ApiRequest {}
