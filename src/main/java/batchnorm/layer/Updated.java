package batchnorm.layer;

import batchnorm.normalization.Parameters;

/// The result of a parameter update.
///
/// @param parameters after the update
/// @param tag of the layer's version after the update
/// @param replayed whether an earlier request with the same idempotency key made the update
public record Updated(Parameters parameters, long version, String tag, boolean replayed) {}
