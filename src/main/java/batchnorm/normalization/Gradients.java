package batchnorm.normalization;

import batchnorm.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/// The result of a backward pass.
///
/// @param input in the input's shape and datatype
/// @param gamma per channel; null without scale
/// @param beta per channel; null without shift
public record Gradients(Tensor input, double @Nullable [] gamma, double @Nullable [] beta) {}
