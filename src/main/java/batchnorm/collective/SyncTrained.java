package batchnorm.collective;

import batchnorm.layer.StepRecord;
import batchnorm.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/// What one member of a group takes away from a training step.
///
/// @param output of its own shard; null where it sent moments only
/// @param step what all members' step did to the layer
/// @param tag of the layer's version after the step
/// @param replayed whether this member was answered before
/// @param commitNanos how long the step waited for the store
public record SyncTrained(
        @Nullable Tensor output, StepRecord step, String tag, boolean replayed, long commitNanos) {}
