package batchnorm.codec;

import java.util.List;
import java.util.Map;

/// What was read of a checkpoint: a file of many named tensors, few of which are wanted.
///
/// @param state the wanted ones: tensors, and integers of one element
/// @param skipped the names of those that are not wanted
/// @param unreadable names of tensors that no numbers were read of, by type or form, each with the
///   reason
public record Checkpoint(Message state, List<String> skipped, Map<String, String> unreadable) {}
