package batchnorm.storage;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// A store in a PostgreSQL server, which any number of replicas share.
///
/// @param url `jdbc:postgresql://host:port/database?...`; what it sets itself is kept
/// @param user null when the URL names one
/// @param password null when the URL names one, or none is needed
/// @param cacheBytes how much the last versions of layers may take in memory
/// @param writers connections that write; the changes of one layer always take the same one
/// @param readers connections that read
public record PostgresSettings(
        String url,
        @Nullable String user,
        @Nullable String password,
        long cacheBytes,
        int writers,
        int readers,
        WriteLimits writes,
        KeyLimits keys,
        StorageQuota quota) {

    /// With the default quotas.
    public PostgresSettings(
            String url,
            @Nullable String user,
            @Nullable String password,
            long cacheBytes,
            int writers,
            int readers,
            WriteLimits writes,
            KeyLimits keys) {
        this(url, user, password, cacheBytes, writers, readers, writes, keys, StorageQuota.DEFAULT);
    }

    public PostgresSettings {
        if (!url.startsWith("jdbc:postgresql:")) {
            throw new IllegalArgumentException("the database URL must begin with jdbc:postgresql:");
        }
        if (cacheBytes < 0 || writers < 1 || readers < 1) {
            throw new IllegalArgumentException("a store needs 1 writer and 1 reader or more");
        }
    }

    public static PostgresSettings at(
            String url, @Nullable String user, @Nullable String password) {
        return new PostgresSettings(
                url,
                user,
                password,
                CommittedLayers.defaultBytes(),
                4,
                8,
                WriteLimits.DEFAULT,
                KeyLimits.DEFAULT);
    }

    /// The same, but for how long idempotency keys are remembered.
    public PostgresSettings with(KeyLimits limits) {
        return new PostgresSettings(
                url, user, password, cacheBytes, writers, readers, writes, limits, quota);
    }

    /// The same, but for how much layers may take.
    public PostgresSettings with(StorageQuota limits) {
        return new PostgresSettings(
                url, user, password, cacheBytes, writers, readers, writes, keys, limits);
    }

    /// Time-outs within the deadline, each longer than what it waits for: a lock, a statement, the
    /// network.
    Duration lockTimeout() {
        return writes.deadline().dividedBy(5);
    }

    Duration statementTimeout() {
        return writes.deadline().multipliedBy(2).dividedBy(5);
    }

    Duration networkTimeout() {
        return writes.deadline().multipliedBy(3).dividedBy(5);
    }

    /// Says nothing about the password, nor about the URL, which may hold one.
    @Override
    public String toString() {
        return "PostgresSettings[" + writers + " writers, " + readers + " readers]";
    }
}
