package batchnorm.codec;

import org.jspecify.annotations.Nullable;

/// The settings of a batch-normalization layer that a file states beside its tensors.
///
/// @param epsilon null where the file does not state it, as are the others
/// @param momentum in the direction of the framework that wrote the file
/// @param axis of the channels; negative counts from the end
public record LayerSettings(
        @Nullable Double epsilon, @Nullable Double momentum, @Nullable Integer axis) {}
