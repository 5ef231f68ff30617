package batchnorm.codec;

import java.util.List;

/// What was read of a checkpoint: a file of many named tensors, few of which are wanted.
///
/// @param state the wanted ones: tensors, and integers that came as scalars
/// @param skipped the names of the others
public record Checkpoint(Message state, List<String> skipped) {}
