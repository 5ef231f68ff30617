package batchnorm.layer;

import batchnorm.normalization.BatchNormalization;
import batchnorm.normalization.Config;
import batchnorm.normalization.Moments;
import batchnorm.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/// A part of a training batch: a tensor, or only the moments of one that stays with its owner.
///
/// @param input null when only its moments are known
/// @param moments of the input
/// @param config the knobs that say which of its values belong to which channel
public record Shard(@Nullable Tensor input, Moments moments, Config config) {

    /// The moments under other knobs, should they have changed since.
    Moments moments(Config current, BatchNormalization operator) {
        return input == null || config.equals(current) ? moments : operator.moments(input, current);
    }
}
