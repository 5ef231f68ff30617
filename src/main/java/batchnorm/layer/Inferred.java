package batchnorm.layer;

import batchnorm.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/// What an inference answers.
public record Inferred(Tensor output, @Nullable String contextId, Layer layer)
        implements ForwardResult {}
