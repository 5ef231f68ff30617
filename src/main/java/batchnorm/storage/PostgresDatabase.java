package batchnorm.storage;

import batchnorm.layer.StoreState;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/// A PostgreSQL server and its connection settings.
final class PostgresDatabase {
    private PostgresDatabase() {}

    /// Returns a source of connections with time-outs for locks, statements and the network. On the
    /// server, an idle transaction of a dead replica times out, which releases its locks.
    static DataSource source(PostgresSettings settings) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setApplicationName("batchnorm");
        source.setTcpKeepAlive(true);
        source.setConnectTimeout(wholeSeconds(settings.lockTimeout()));
        source.setSocketTimeout(wholeSeconds(settings.networkTimeout()));
        source.setOptions(
                "-c lock_timeout=%d -c statement_timeout=%d -c idle_in_transaction_session_timeout=%d"
                        .formatted(
                                settings.lockTimeout().toMillis(),
                                settings.statementTimeout().toMillis(),
                                settings.networkTimeout().toMillis()));
        try {
            source.setUrl(settings.url()); // last, because its parameters override the defaults
        } catch (IllegalArgumentException malformed) {
            throw new StoreRefused(
                    "BATCHNORM_DATABASE_URL is malformed", PostgresSettings.URL_FORM, malformed);
        }
        if (settings.user() != null) {
            source.setUser(settings.user());
        }
        if (settings.password() != null) {
            source.setPassword(settings.password());
        }
        return source;
    }

    private static int wholeSeconds(Duration duration) {
        return Math.toIntExact(Math.max(1, duration.plusMillis(999).toSeconds()));
    }

    /// @throws StoreRefused when the server could lose an acknowledged commit or is read-only
    static void requireDurable(Connection connection) throws SQLException {
        Map<String, String> remedies =
                Map.of(
                        "fsync", "Set fsync = on in postgresql.conf.",
                        "full_page_writes", "Set full_page_writes = on in postgresql.conf.",
                        "synchronous_commit",
                                "Set synchronous_commit = on for this server, database and role.");
        for (Map.Entry<String, String> remedy : remedies.entrySet()) {
            if (show(connection, remedy.getKey()).equals("off")) {
                throw new StoreRefused(
                        "PostgreSQL runs with "
                                + remedy.getKey()
                                + " = off and could lose acknowledged steps",
                        remedy.getValue());
            }
        }
        if (show(connection, "transaction_read_only").equals("on")) {
            throw PostgresRefusals.readOnly();
        }
    }

    /// Returns whether the server accepts changes on connections like this one.
    static StoreState state(Connection connection) throws SQLException {
        if (isTrue(connection, "SELECT pg_is_in_recovery()")) {
            return readOnly("the database server is a standby");
        }
        return show(connection, "transaction_read_only").equals("on")
                ? readOnly("the database is read-only: default_transaction_read_only is on")
                : StoreState.READY;
    }

    static long bytes(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT pg_database_size(current_database())")) {
            return row.next() ? row.getLong(1) : 0;
        }
    }

    private static StoreState readOnly(String reason) {
        return new StoreState(StoreState.Kind.READ_ONLY, reason);
    }

    private static boolean isTrue(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            return row.next() && row.getBoolean(1);
        }
    }

    private static String show(Connection connection, String setting) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SHOW " + setting)) {
            return row.next() ? row.getString(1) : "off";
        }
    }
}
