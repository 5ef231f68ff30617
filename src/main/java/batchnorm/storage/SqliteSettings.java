package batchnorm.storage;

import java.nio.file.Path;

/// An embedded store.
///
/// @param directory where its file is
/// @param cacheBytes how much the last committed versions of layers may take in memory
/// @param readers connections that read beside the one that writes
public record SqliteSettings(
        Path directory,
        long cacheBytes,
        int readers,
        WriteLimits writes,
        KeyLimits keys,
        StorageQuota quota) {

    /// With the default quotas.
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

    /// The same, but for how long idempotency keys are remembered.
    public SqliteSettings with(KeyLimits limits) {
        return new SqliteSettings(directory, cacheBytes, readers, writes, limits, quota);
    }

    /// The same, but for how much layers may take.
    public SqliteSettings with(StorageQuota limits) {
        return new SqliteSettings(directory, cacheBytes, readers, writes, keys, limits);
    }
}
