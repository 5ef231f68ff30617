package batchnorm.storage;

import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.CoreErrorCode;
import org.flywaydb.core.api.ErrorCode;
import org.flywaydb.core.api.FlywayException;

/// Migrates the tables to the schema of this program.
final class Migrations {
    /// Differences of a migration that this program has under the same number.
    private static final Set<ErrorCode> DIFFERENT =
            Set.of(
                    CoreErrorCode.CHECKSUM_MISMATCH,
                    CoreErrorCode.DESCRIPTION_MISMATCH,
                    CoreErrorCode.TYPE_MISMATCH);

    private Migrations() {}

    /// @param folder below `db/migration`, one per kind of database
    /// @param refusal of a failure of the database
    /// @throws StoreRefused when the schema is newer than this program or was altered
    static void run(
            DataSource source, String folder, Function<SQLException, StoreRefused> refusal) {
        Flyway flyway =
                Flyway.configure()
                        .dataSource(source)
                        .locations("classpath:db/migration/" + folder)
                        // Rejects tables of a newer program, which may hold data that this one
                        // would lose.
                        .ignoreMigrationPatterns(new String[0])
                        .cleanDisabled(true)
                        .load();
        try {
            flyway.migrate();
        } catch (FlywayException failed) {
            SQLException cause = Causes.sql(failed);
            throw cause != null ? refusal.apply(cause) : refused(flyway, failed);
        }
    }

    private static StoreRefused refused(Flyway flyway, FlywayException failed) {
        if (failed.getErrorCode() == CoreErrorCode.NON_EMPTY_SCHEMA_WITHOUT_SCHEMA_HISTORY_TABLE) {
            return ofAnotherProgram(failed);
        }
        if (failed.getErrorCode() != CoreErrorCode.VALIDATE_ERROR) {
            return new StoreRefused(
                    "the tables of the store cannot be migrated (" + failed.getMessage() + ")",
                    "Restore a backup, or run the version of the service that wrote the tables.",
                    failed);
        }
        List<ErrorCode> errors =
                flyway.validateWithResult().invalidMigrations.stream()
                        .map(migration -> migration.errorDetails.errorCode)
                        .toList();
        return errors.stream().anyMatch(DIFFERENT::contains)
                ? ofAnotherProgram(failed)
                : new StoreRefused(
                        "the tables of the store were written by a newer version of this service",
                        "Upgrade the service: run the version that wrote them, or a newer one. To return to this"
                                + " version, restore a backup from before the upgrade.",
                        failed);
    }

    private static StoreRefused ofAnotherProgram(FlywayException failed) {
        return new StoreRefused(
                "the database has tables of another program, or tables that were altered by hand",
                "Give this service a database of its own, and a schema without other tables. If only this"
                        + " service used it, restore a backup.",
                failed);
    }
}
