package batchnorm.layer;

import batchnorm.normalization.Parameters;

/// What a step of the parameters answers.
///
/// @param parameters after the step
/// @param tag of the layer's version after the step
/// @param replayed whether an earlier request with the same idempotency key made the step
public record Updated(Parameters parameters, long version, String tag, boolean replayed) {}
