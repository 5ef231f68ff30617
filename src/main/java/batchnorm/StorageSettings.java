package batchnorm;

import batchnorm.layer.LayerStore;
import batchnorm.storage.PostgresLayerStore;
import batchnorm.storage.PostgresSettings;
import batchnorm.storage.SqliteLayerStore;
import batchnorm.storage.SqliteSettings;
import jakarta.validation.constraints.NotNull;
import java.nio.file.Path;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.validation.annotation.Validated;

/// Where the layers are kept: in a directory of this machine, or in a database that replicas share.
///
/// @param dataDir the directory of the embedded store; made where there is none
/// @param databaseUrl `jdbc:postgresql://…`, or nothing for the embedded store
@Validated
@ConfigurationProperties("batchnorm")
public record StorageSettings(
        @NotNull Path dataDir,
        @Nullable String databaseUrl,
        @Nullable String databaseUser,
        @Nullable String databasePassword) {

    /// Whether replicas of this service share the layers.
    boolean isShared() {
        return databaseUrl != null && !databaseUrl.isBlank();
    }

    LayerStore open(InstantSource clock) {
        return databaseUrl == null || databaseUrl.isBlank()
                ? new SqliteLayerStore(SqliteSettings.in(dataDir), clock)
                : new PostgresLayerStore(
                        PostgresSettings.at(
                                databaseUrl, given(databaseUser), given(databasePassword)),
                        clock);
    }

    /// For the log; without the URL, which may hold a password.
    String place() {
        return databaseUrl == null || databaseUrl.isBlank()
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
