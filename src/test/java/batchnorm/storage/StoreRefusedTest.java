package batchnorm.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Tests that a store that cannot be opened names its cause and a fitting action.
@Tag("fault")
class StoreRefusedTest {
    @Test
    void aFileThatIsNoDatabase(@TempDir Path data) throws IOException {
        Files.writeString(data.resolve("batchnorm.db"), "no database ".repeat(1000));
        expect(data, "batchnorm.db is not a database", "Restore a backup");
    }

    @Test
    void aTruncatedDatabase(@TempDir Path data) throws IOException {
        try (SqliteLayerStore store = open(data)) {
            Samples.create(store, Samples.layer(Samples.name("large"), 1000));
        }
        try (FileChannel file =
                FileChannel.open(data.resolve("batchnorm.db"), StandardOpenOption.WRITE)) {
            file.truncate(3 * 4096);
        }
        expect(data, "is damaged or truncated", "Restore a backup");
    }

    @Test
    void aDirectoryInPlaceOfTheDatabase(@TempDir Path data) throws IOException {
        Files.createDirectory(data.resolve("batchnorm.db"));
        expect(data, "cannot be opened for writing", "regular file that this process may read");
    }

    @Test
    void aFileInPlaceOfTheDirectory(@TempDir Path data) throws IOException {
        expect(
                Files.createFile(data.resolve("file")),
                "cannot be used",
                "BATCHNORM_DATA_DIR to a directory that this process may write");
    }

    @Test
    void aDatabaseOfAnotherProgram() {
        String database = PostgresServer.newDatabase();
        PostgresServer.execute(
                database,
                "CREATE TABLE flyway_schema_history (installed_rank INT PRIMARY KEY, version VARCHAR(50),"
                        + " description VARCHAR(200), type VARCHAR(20), script VARCHAR(1000), checksum INT,"
                        + " installed_by VARCHAR(100), installed_on TIMESTAMP DEFAULT now(),"
                        + " execution_time INT, success BOOLEAN);"
                        + " INSERT INTO flyway_schema_history VALUES"
                        + " (1, '1', 'users', 'SQL', 'V1__users.sql', 17, 'x', now(), 1, true)");
        expect(database, "postgres", "tables of another program", "database of its own");
    }

    @Test
    void aDatabaseWithTablesOfAnotherProgramWithoutAHistory() {
        String database = PostgresServer.newDatabase();
        PostgresServer.execute(database, "CREATE TABLE users (id INT)");
        expect(database, "postgres", "tables of another program", "database of its own");
    }

    @Test
    void aDatabaseOfANewerVersion() {
        String database = PostgresServer.newDatabase();
        PostgresServer.open(PostgresServer.url(database)).close();
        PostgresServer.execute(
                database,
                "INSERT INTO flyway_schema_history VALUES (999, '999', 'later', 'SQL',"
                        + " 'V999__later.sql', 17, 'x', now(), 1, true)");
        expect(
                database,
                "postgres",
                "written by a newer version",
                "run the version that wrote them");
    }

    @Test
    void aRoleThatMayNotCreateTables() {
        role("reader", "");
        expect(
                PostgresServer.newDatabase(),
                "reader",
                "permission denied for schema public",
                "GRANT USAGE, CREATE ON SCHEMA public TO \"reader\"");
    }

    @Test
    void tooManyConnections() {
        role("crowded", "CONNECTION LIMIT 0");
        expect(
                PostgresServer.newDatabase(),
                "crowded",
                "too many connections",
                "Each replica takes up to 12 connections");
    }

    @Test
    void aRoleThatDoesNotExist() {
        expect(
                PostgresServer.newDatabase(),
                "no-such-role",
                "\"no-such-role\" does not exist",
                "BATCHNORM_DATABASE_USER");
    }

    @Test
    void aWrongPassword() throws IOException {
        role("locked", "PASSWORD 'right'");
        PostgresServer.requirePassword("locked");
        expect(
                PostgresServer.newDatabase(),
                "locked",
                "password authentication failed",
                "BATCHNORM_DATABASE_PASSWORD");
    }

    @Test
    void aDatabaseThatDoesNotExist() {
        expect("nowhere", "postgres", "\"nowhere\" does not exist", "CREATE DATABASE");
    }

    @Test
    void aReadOnlyDatabase() {
        String database = PostgresServer.newDatabase();
        PostgresServer.execute(
                "postgres",
                "ALTER DATABASE " + database + " SET default_transaction_read_only = on");
        expect(database, "postgres", "takes no changes", "to the primary");
    }

    @ParameterizedTest
    @CsvSource({
        "postgres://u:very-secret@db/bn, does not begin with jdbc:postgresql://",
        "postgresql://db/bn, does not begin with jdbc:postgresql://",
        "jdbc:mysql://db/bn, does not begin with jdbc:postgresql://",
        "jdbc:postgresql://db:port/bn?password=very-secret, is malformed",
        "jdbc:postgresql://127.0.0.1:1/bn, does not respond",
        "jdbc:postgresql://no-such-host.invalid/bn, no-such-host.invalid",
    })
    void anAddress(String url, String cause) {
        StoreRefused refused =
                catchThrowableOfType(
                        StoreRefused.class,
                        () ->
                                new PostgresLayerStore(
                                        PostgresSettings.at(url, null, null), Samples.CLOCK));
        assertThat(refused).hasMessageContaining(cause);
        assertThat(refused.remedy()).contains("BATCHNORM_DATABASE_URL");
        assertThat(refused.getMessage() + refused.remedy()).doesNotContain("very-secret");
    }

    private static void role(String name, String options) {
        PostgresServer.execute("postgres", "DROP ROLE IF EXISTS " + name);
        PostgresServer.execute("postgres", "CREATE ROLE " + name + " LOGIN " + options);
    }

    private static SqliteLayerStore open(Path data) {
        return new SqliteLayerStore(SqliteSettings.in(data), Samples.CLOCK);
    }

    private static void expect(Path data, String cause, String remedy) {
        assertThatExceptionOfType(StoreRefused.class)
                .isThrownBy(() -> open(data))
                .withMessageContaining(cause)
                .extracting(StoreRefused::remedy)
                .asString()
                .contains(remedy);
    }

    private static void expect(String database, String role, String cause, String remedy) {
        String url = "jdbc:postgresql://localhost:" + PostgresServer.port() + "/" + database;
        assertThatExceptionOfType(StoreRefused.class)
                .isThrownBy(() ->
                        new PostgresLayerStore(
                                        PostgresSettings.at(url, role, "very-secret"),
                                        Samples.CLOCK)
                                .close())
                .withMessageContaining(cause)
                .extracting(StoreRefused::remedy)
                .asString()
                .contains(remedy)
                .doesNotContain("very-secret");
    }
}
