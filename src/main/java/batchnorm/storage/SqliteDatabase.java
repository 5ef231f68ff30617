package batchnorm.storage;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Locale;
import javax.sql.DataSource;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/// A SQLite file and its connection settings.
final class SqliteDatabase {
    /// Bounds the wait for another connection, which locks the file only while it checkpoints or
    /// recovers.
    private static final int BUSY_TIMEOUT = (int) Duration.ofSeconds(5).toMillis();

    private final Path file;
    private final SQLiteConfig.SynchronousMode synchronous;

    /// @param synchronous `FULL` for durability; other modes only for measurements
    SqliteDatabase(Path file, SQLiteConfig.SynchronousMode synchronous) {
        this.file = file;
        this.synchronous = synchronous;
    }

    /// Opens the only writing connection.
    ///
    /// @throws StoreRefused when a commit on it might not be durable
    Connection openWriter() throws SQLException {
        Connection writer = writing().getConnection();
        try {
            if (synchronous == SQLiteConfig.SynchronousMode.FULL) {
                requireDurable(writer);
            }
            return writer;
        } catch (SQLException | StoreRefused unsafe) {
            writer.close();
            throw unsafe;
        }
    }

    /// Returns a source of writing connections.
    DataSource writing() {
        return source(new SQLiteConfig());
    }

    /// Returns a source of read-only connections.
    DataSource reading() {
        SQLiteConfig config = new SQLiteConfig();
        config.setReadOnly(true);
        return source(config);
    }

    private DataSource source(SQLiteConfig config) {
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(synchronous);
        config.enforceForeignKeys(true);
        config.setBusyTimeout(BUSY_TIMEOUT);
        // On macOS, fsync does not reach the disk; F_FULLFSYNC does.
        config.setPragma(SQLiteConfig.Pragma.FULL_SYNC, "true");
        SQLiteDataSource source = new SQLiteDataSource(config);
        source.setUrl("jdbc:sqlite:" + file);
        return source;
    }

    /// Writes a compact copy of the committed state, concurrently with readers and the writer.
    void copyTo(Path target) throws SQLException {
        try (Connection connection = reading().getConnection();
                PreparedStatement vacuum = connection.prepareStatement("VACUUM INTO ?")) {
            vacuum.setString(1, target.toString());
            vacuum.execute();
        }
    }

    /// Verifies the settings, because SQLite may silently ignore them. A file system without shared
    /// memory, for example, turns WAL off.
    ///
    /// @throws StoreRefused when a commit on this connection might not be durable
    static void requireDurable(Connection connection) throws SQLException {
        require(connection, "journal_mode", "wal");
        require(connection, "synchronous", "2");
        require(connection, "foreign_keys", "1");
    }

    private static void require(Connection connection, String pragma, String required)
            throws SQLException {
        String actual = pragma(connection, pragma);
        if (!actual.equals(required)) {
            throw new StoreRefused(
                    "SQLite runs with "
                            + pragma
                            + " = "
                            + actual
                            + " instead of "
                            + required
                            + " and could lose acknowledged steps",
                    "Put the data directory on a local file system.");
        }
    }

    static String pragma(Connection connection, String pragma) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("PRAGMA " + pragma)) {
            return row.next() ? row.getString(1).toLowerCase(Locale.ROOT) : "nothing";
        }
    }
}
