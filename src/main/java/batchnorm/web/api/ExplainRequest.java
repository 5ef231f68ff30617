package batchnorm.web.api;

import batchnorm.normalization.ForwardPass.Mode;
import batchnorm.tensor.Tensor;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// A batch whose computation is explained.
public record ExplainRequest(
        Tensor input, @Nullable Tensor gradOutput, @DefaultValue("train") Mode mode)
        implements ApiRequest {}
