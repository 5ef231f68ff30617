package batchnorm.storage;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/// A PostgreSQL server, and how it is connected to.
final class PostgresDatabase {
    private PostgresDatabase() {}

    /// Connections whose every wait ends: for a lock, a statement, an answer, and, on the server's
    /// side, for a replica that died in the middle of a transaction and would hold its locks for
    /// ever.
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
        source.setUrl(settings.url()); // after the defaults: what it sets itself is kept
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

    /// @throws StoreRefused when an acknowledged commit of this server could be lost, or it takes
    ///   none
    static void requireDurable(Connection connection) throws SQLException {
        Map<String, String> remedies =
                Map.of(
                        "fsync", "set fsync = on in postgresql.conf",
                        "full_page_writes", "set full_page_writes = on in postgresql.conf",
                        "synchronous_commit",
                                "set synchronous_commit = on for this server, database and role");
        for (Map.Entry<String, String> remedy : remedies.entrySet()) {
            if (show(connection, remedy.getKey()).equals("off")) {
                throw new StoreRefused(
                        "PostgreSQL runs with "
                                + remedy.getKey()
                                + " = off, so acknowledged steps could be lost; "
                                + remedy.getValue());
            }
        }
        if (show(connection, "transaction_read_only").equals("on")) {
            throw new StoreRefused(
                    "this PostgreSQL server takes no changes (a standby, or read-only by default); connect to"
                            + " the primary");
        }
    }

    static boolean isPrimary(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT NOT pg_is_in_recovery()")) {
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
