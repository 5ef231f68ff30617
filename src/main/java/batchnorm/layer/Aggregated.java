package batchnorm.layer;

/// The result of an aggregation.
///
/// @param layer the version that it made
/// @param replayed whether an earlier request with the same idempotency key made it
public record Aggregated(Layer layer, boolean replayed) {}
