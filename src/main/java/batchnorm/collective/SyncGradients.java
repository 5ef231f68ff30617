package batchnorm.collective;

import batchnorm.normalization.GradientSums;
import batchnorm.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/// What one member of a group takes away from a backward.
///
/// @param input of its own shard; null where it sent sums only
/// @param gamma of all shards; null without scale
/// @param beta of all shards; null without shift
/// @param total the sums of all shards, from which whoever kept its tensor computes the rest
public record SyncGradients(
        @Nullable Tensor input,
        double @Nullable [] gamma,
        double @Nullable [] beta,
        GradientSums total) {}
