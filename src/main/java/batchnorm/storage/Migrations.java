package batchnorm.storage;

import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;

/// Brings the tables to the form this program knows.
final class Migrations {
    private Migrations() {}

    /// @param folder below `db/migration`, one per kind of database
    /// @throws StoreRefused when the tables are newer than this program, or not what it once made
    static void run(DataSource source, String folder) {
        try {
            Flyway.configure()
                    .dataSource(source)
                    .locations("classpath:db/migration/" + folder)
                    // A newer program's tables may hold what this one would lose: refuse them.
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
