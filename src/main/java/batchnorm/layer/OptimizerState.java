package batchnorm.layer;

import batchnorm.optimizer.Memory;
import org.jspecify.annotations.Nullable;

/// The optimizer state of a layer's parameters; each part is null before its first step.
public record OptimizerState(@Nullable Memory gamma, @Nullable Memory beta) {
    public static final OptimizerState NONE = new OptimizerState(null, null);
}
