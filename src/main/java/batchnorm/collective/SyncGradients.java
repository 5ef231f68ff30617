package batchnorm.collective;

import batchnorm.normalization.GradientSums;
import batchnorm.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/// The result of a backward for one member of a group.
///
/// @param input the gradient of its own shard; null if it sent sums only
/// @param gamma the gradient over all shards; null without scale
/// @param beta the gradient over all shards; null without shift
/// @param total the sums of all shards, for a member that keeps its tensor
public record SyncGradients(
        @Nullable Tensor input,
        double @Nullable [] gamma,
        double @Nullable [] beta,
        GradientSums total) {}
