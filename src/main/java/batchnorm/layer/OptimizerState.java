package batchnorm.layer;

import batchnorm.optimizer.Memory;
import org.jspecify.annotations.Nullable;

/// What optimizers remember of a layer's parameters; each null before its first step.
public record OptimizerState(@Nullable Memory gamma, @Nullable Memory beta) {
    public static final OptimizerState NONE = new OptimizerState(null, null);
}
