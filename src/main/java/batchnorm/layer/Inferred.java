package batchnorm.layer;

import batchnorm.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/// The result of an inference.
public record Inferred(Tensor output, @Nullable String contextId, Layer layer)
        implements ForwardResult {}
