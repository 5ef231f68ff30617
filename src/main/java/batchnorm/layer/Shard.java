package batchnorm.layer;

import batchnorm.normalization.BatchNormalization;
import batchnorm.normalization.Config;
import batchnorm.normalization.Moments;
import batchnorm.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/// A part of a training batch: a tensor, or only the moments of one that stays with the client.
///
/// @param input null when only its moments are known
/// @param moments of the input
/// @param config the knobs that map values to channels
public record Shard(@Nullable Tensor input, Moments moments, Config config) {

    /// Returns the moments under the current knobs, which may have changed.
    Moments moments(Config current, BatchNormalization operator) {
        return input == null || config.equals(current) ? moments : operator.moments(input, current);
    }
}
