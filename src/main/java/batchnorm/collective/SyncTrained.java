package batchnorm.collective;

import batchnorm.layer.StepRecord;
import batchnorm.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/// The result of a training step for one member of a group.
///
/// @param output of its own shard; null if it sent moments only
/// @param step the record of the whole step
/// @param tag of the layer's version after the step
/// @param replayed whether this is a response to a retry
/// @param commitNanos how long the step waited for the store
public record SyncTrained(
        @Nullable Tensor output, StepRecord step, String tag, boolean replayed, long commitNanos) {}
