package batchnorm.settings;

import batchnorm.layer.LayerStore;
import batchnorm.storage.KeyLimits;
import batchnorm.storage.PostgresLayerStore;
import batchnorm.storage.PostgresSettings;
import batchnorm.storage.SqliteLayerStore;
import batchnorm.storage.SqliteSettings;
import batchnorm.storage.StorageQuota;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Positive;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.UUID;
import org.hibernate.validator.constraints.time.DurationMin;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.convert.DataSizeUnit;
import org.springframework.util.unit.DataUnit;
import org.springframework.validation.annotation.Validated;

/// The storage of layers: a local directory, or a database that replicas share.
///
/// @param dataDir the directory of the embedded store; created if absent
/// @param databaseUrl `jdbc:postgresql://…`; null or blank for the embedded store
/// @param replica the unique name of this replica, stable across restarts
/// @param keyTimeToLive the minimum retention of an idempotency key within the limits
/// @param maxKeys of all layers; the oldest are evicted
/// @param backupTimeout from the request of a backup to its last byte
/// @param maxKeyBytes of the keys' records, over all layers; the oldest are evicted
/// @param maxStoredBytes of all layers, with their snapshots and optimizer states
/// @param maxLayerBytes of one layer
/// @param exitWhenStopped from the commit after which the store accepts no changes to the end of
///   the process; zero for no end
@Validated
@ConfigurationProperties("batchnorm")
public record StorageSettings(
        @NotNull Path dataDir,
        @Nullable String databaseUrl,
        @Nullable String databaseUser,
        @Nullable String databasePassword,
        @Nullable String replica,
        @DurationMin(seconds = 1) Duration keyTimeToLive,
        @Positive long maxKeys,
        @Positive @DataSizeUnit(DataUnit.BYTES) long maxKeyBytes,
        @Positive @DataSizeUnit(DataUnit.BYTES) long maxStoredBytes,
        @Positive @DataSizeUnit(DataUnit.BYTES) long maxLayerBytes,
        @DurationMin(seconds = 1) Duration backupTimeout,
        @DurationMin Duration exitWhenStopped) {

    public LayerStore open(InstantSource clock) {
        KeyLimits keys = new KeyLimits(keyTimeToLive, maxKeys, maxKeyBytes);
        StorageQuota quota = new StorageQuota(maxStoredBytes, maxLayerBytes);
        String url = nullIfBlank(databaseUrl);
        return url == null
                ? new SqliteLayerStore(SqliteSettings.in(dataDir).with(keys).with(quota), clock)
                : new PostgresLayerStore(
                        PostgresSettings.at(
                                        url,
                                        nullIfBlank(databaseUser),
                                        nullIfBlank(databasePassword))
                                .with(keys)
                                .with(quota),
                        clock);
    }

    /// Returns the name of this replica, stable across restarts where possible: `embedded`, the
    /// setting, or host and port. A random port does not identify a replica.
    ///
    /// @param port the configured port
    public String replicaName(@Nullable Integer port) {
        String configured = nullIfBlank(replica);
        if (nullIfBlank(databaseUrl) == null) {
            return "embedded";
        }
        if (configured != null) {
            return configured;
        }
        try {
            return port == null || port == 0
                    ? UUID.randomUUID().toString()
                    : InetAddress.getLocalHost().getHostName() + ":" + port;
        } catch (UnknownHostException e) {
            return UUID.randomUUID().toString();
        }
    }

    /// Returns whether the store is a local directory.
    public boolean isEmbedded() {
        return nullIfBlank(databaseUrl) == null;
    }

    /// Returns the storage for the log, without the URL, because it may hold a password.
    public String place() {
        return nullIfBlank(databaseUrl) == null
                ? dataDir.toAbsolutePath().normalize().toString()
                : "PostgreSQL";
    }

    private static @Nullable String nullIfBlank(@Nullable String value) {
        return value == null || value.isBlank() ? null : value;
    }

    /// Omits the database, because its URL may hold a password.
    @Override
    public String toString() {
        return "StorageSettings[" + place() + "]";
    }
}
