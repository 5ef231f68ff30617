package batchnorm.layer;

/// Bytes that a store holds, as far as quotas count them.
///
/// @param registryBytes of layers, their snapshots and what optimizers remember of them
/// @param keyBytes of the steps recorded under idempotency keys
public record StorageUsage(long registryBytes, long keyBytes) {}
