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
import org.springframework.validation.annotation.Validated;

/// Where the layers are kept: in a directory of this machine, or in a database that replicas share.
///
/// @param dataDir the directory of the embedded store; made where there is none
/// @param databaseUrl `jdbc:postgresql://…`, or nothing for the embedded store
/// @param replica what tells this replica from others on the same database, also after a restart
/// @param keyTimeToLive how long, at least, an idempotency key is remembered while there are not
///   too many
/// @param maxKeys how many at most, over all layers: the newest
/// @param backupTimeout how long a backup may take from its request to its last byte
/// @param maxKeyBytes how many bytes their records may take, over all layers: the newest
/// @param maxStoredBytes of all layers, with their snapshots and what optimizers remember of them
/// @param maxLayerBytes of one layer
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
        @Positive long maxKeyBytes,
        @Positive long maxStoredBytes,
        @Positive long maxLayerBytes,
        @DurationMin(seconds = 1) Duration backupTimeout) {

    public LayerStore open(InstantSource clock) {
        KeyLimits keys = new KeyLimits(keyTimeToLive, maxKeys, maxKeyBytes);
        StorageQuota quota = new StorageQuota(maxStoredBytes, maxLayerBytes);
        String url = given(databaseUrl);
        return url == null
                ? new SqliteLayerStore(SqliteSettings.in(dataDir).with(keys).with(quota), clock)
                : new PostgresLayerStore(
                        PostgresSettings.at(url, given(databaseUser), given(databasePassword))
                                .with(keys)
                                .with(quota),
                        clock);
    }

    /// The name of this replica, the same after a restart where that can be known: the one process
    /// of an embedded store, what was set, or the machine and port. A port of any number tells
    /// nothing.
    ///
    /// @param port that was asked for
    public String replicaName(@Nullable Integer port) {
        String set = given(replica);
        if (given(databaseUrl) == null) {
            return "embedded";
        }
        if (set != null) {
            return set;
        }
        try {
            return port == null || port == 0
                    ? UUID.randomUUID().toString()
                    : InetAddress.getLocalHost().getHostName() + ":" + port;
        } catch (UnknownHostException nameless) {
            return UUID.randomUUID().toString();
        }
    }

    /// For the log; without the URL, which may hold a password.
    public String place() {
        return given(databaseUrl) == null
                ? dataDir.toAbsolutePath().normalize().toString()
                : "PostgreSQL";
    }

    private static @Nullable String given(@Nullable String value) {
        return value == null || value.isBlank() ? null : value;
    }

    /// Says nothing of the database, whose URL may hold a password.
    @Override
    public String toString() {
        return "StorageSettings[" + place() + "]";
    }
}
