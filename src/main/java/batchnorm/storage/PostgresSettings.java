package batchnorm.storage;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The settings of a store in a PostgreSQL server shared by replicas.
///
/// @param url `jdbc:postgresql://host:port/database?...`; its parameters override the defaults
/// @param user null when the URL has one
/// @param password null when the URL has one, or none is needed
/// @param cacheBytes the maximum memory for cached layers
/// @param writers connections that write; the changes of one layer always use the same one
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

    static final String URL_FORM =
            "Set BATCHNORM_DATABASE_URL to jdbc:postgresql://host:5432/name, and the role to BATCHNORM_DATABASE_USER"
                    + " and BATCHNORM_DATABASE_PASSWORD. postgres:// and postgresql:// are forms of other"
                    + " clients.";

    /// Creates settings with the default quotas.
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
            throw new StoreRefused(
                    "BATCHNORM_DATABASE_URL does not begin with jdbc:postgresql://", URL_FORM);
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

    /// Returns these settings with other limits of idempotency keys.
    public PostgresSettings with(KeyLimits limits) {
        return new PostgresSettings(
                url, user, password, cacheBytes, writers, readers, writes, limits, quota);
    }

    /// Returns these settings with other quotas.
    public PostgresSettings with(StorageQuota limits) {
        return new PostgresSettings(
                url, user, password, cacheBytes, writers, readers, writes, keys, limits);
    }

    /// Each time-out is within the deadline and longer than the one it contains: lock, statement,
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

    /// Omits the password and the URL, which may contain one.
    @Override
    public String toString() {
        return "PostgresSettings[" + writers + " writers, " + readers + " readers]";
    }
}
