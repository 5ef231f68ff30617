package batchnorm.layer;

/// The bytes of a store that count towards quotas.
///
/// @param registryBytes of layers, their snapshots and optimizer state
/// @param keyBytes of the steps recorded under idempotency keys
public record StorageUsage(long registryBytes, long keyBytes) {}
