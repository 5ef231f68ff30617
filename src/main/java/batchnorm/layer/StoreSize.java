package batchnorm.layer;

/// The contents of a store, over all replicas.
///
/// @param layers number of layers
/// @param keys number of steps recorded under idempotency keys
/// @param bytes of its files, or of its database
public record StoreSize(long layers, long keys, long bytes) {}
