package batchnorm.layer;

import batchnorm.normalization.Conversion;

/// What a conversion answers.
///
/// @param layer in the words of the other convention; after a dry run, under its present version
public record Converted(Layer layer, Conversion conversion) {}
