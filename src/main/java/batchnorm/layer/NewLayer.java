package batchnorm.layer;

import batchnorm.normalization.Config;

/// A layer that is to be made.
///
/// @param config what it starts from
/// @param revision what is set on it
public record NewLayer(LayerName name, Config config, LayerPatch revision) {}
