package batchnorm.layer;

/// Counters of a store since its start.
///
/// @param waiting changes that wait to be committed
/// @param commits transactions
/// @param changes in these transactions
public record StoreActivity(int waiting, long commits, long changes) {}
