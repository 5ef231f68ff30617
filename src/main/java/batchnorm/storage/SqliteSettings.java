package batchnorm.storage;

import java.nio.file.Path;

/// The settings of an embedded store.
///
/// @param directory of the database file
/// @param cacheBytes the maximum memory for cached layers
/// @param readers connections that read, beside the one that writes
public record SqliteSettings(
        Path directory,
        long cacheBytes,
        int readers,
        WriteLimits writes,
        KeyLimits keys,
        StorageQuota quota) {

    /// Creates settings with the default quotas.
    public SqliteSettings(
            Path directory, long cacheBytes, int readers, WriteLimits writes, KeyLimits keys) {
        this(directory, cacheBytes, readers, writes, keys, StorageQuota.DEFAULT);
    }

    public SqliteSettings {
        if (cacheBytes < 0 || readers < 1) {
            throw new IllegalArgumentException("an embedded store needs 1 reader or more");
        }
    }

    public static SqliteSettings in(Path directory) {
        return new SqliteSettings(
                directory,
                CommittedLayers.defaultBytes(),
                4,
                WriteLimits.DEFAULT,
                KeyLimits.DEFAULT);
    }

    /// Returns these settings with other limits of idempotency keys.
    public SqliteSettings with(KeyLimits limits) {
        return new SqliteSettings(directory, cacheBytes, readers, writes, limits, quota);
    }

    /// Returns these settings with other quotas.
    public SqliteSettings with(StorageQuota limits) {
        return new SqliteSettings(directory, cacheBytes, readers, writes, keys, limits);
    }
}
