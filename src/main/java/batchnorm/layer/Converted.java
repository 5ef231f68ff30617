package batchnorm.layer;

import batchnorm.normalization.Conversion;

/// The result of a conversion.
///
/// @param layer in the other convention; after a dry run, under its current version
public record Converted(Layer layer, Conversion conversion) {}
