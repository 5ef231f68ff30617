package batchnorm.storage;

import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;

/// Migrates the tables to the schema of this program.
final class Migrations {
    private Migrations() {}

    /// @param folder below `db/migration`, one per kind of database
    /// @throws StoreRefused when the schema is newer than this program or was altered
    static void run(DataSource source, String folder) {
        try {
            Flyway.configure()
                    .dataSource(source)
                    .locations("classpath:db/migration/" + folder)
                    // Rejects tables of a newer program, which may hold data that this one would
                    // lose.
                    .ignoreMigrationPatterns(new String[0])
                    .cleanDisabled(true)
                    .load()
                    .migrate();
        } catch (FlywayException refused) {
            throw new StoreRefused(
                    "the store's tables are not those this version of the program knows; run the version that"
                            + " wrote them, or a newer one ("
                            + refused.getMessage()
                            + ")",
                    refused);
        }
    }
}
