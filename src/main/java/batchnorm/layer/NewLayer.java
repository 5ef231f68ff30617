package batchnorm.layer;

import batchnorm.normalization.Config;

/// A layer to create.
///
/// @param config the base knobs
/// @param revision the changes to the base
public record NewLayer(LayerName name, Config config, LayerPatch revision) {}
