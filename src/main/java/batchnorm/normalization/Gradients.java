package batchnorm.normalization;

import batchnorm.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/// What a backward pass answers.
///
/// @param input of the input's shape and datatype
/// @param gamma per channel; null without scale
/// @param beta per channel; null without shift
public record Gradients(Tensor input, double @Nullable [] gamma, double @Nullable [] beta) {}
