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

/// A SQLite file, and how it is opened.
final class SqliteDatabase {
    /// Another connection holds the file only while it checkpoints or recovers.
    private static final int BUSY_TIMEOUT = (int) Duration.ofSeconds(5).toMillis();

    private final Path file;
    private final SQLiteConfig.SynchronousMode synchronous;

    /// @param synchronous `FULL`, but for a measurement of what that costs
    SqliteDatabase(Path file, SQLiteConfig.SynchronousMode synchronous) {
        this.file = file;
        this.synchronous = synchronous;
    }

    /// The one connection that writes.
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

    /// Connections for whoever writes.
    DataSource writing() {
        return source(new SQLiteConfig());
    }

    /// Connections that cannot change anything.
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
        // Where fsync does not reach the disk (macOS), ask for the call that does.
        config.setPragma(SQLiteConfig.Pragma.FULL_SYNC, "true");
        SQLiteDataSource source = new SQLiteDataSource(config);
        source.setUrl("jdbc:sqlite:" + file);
        return source;
    }

    /// Writes a compact copy of what is committed now. Readers and the writer go on meanwhile.
    void copyTo(Path target) throws SQLException {
        try (Connection connection = reading().getConnection();
                PreparedStatement vacuum = connection.prepareStatement("VACUUM INTO ?")) {
            vacuum.setString(1, target.toString());
            vacuum.execute();
        }
    }

    /// What was asked for is not always what is: a file system without shared memory, for one,
    /// turns WAL off silently.
    ///
    /// @throws StoreRefused when a commit on this connection might not be durable
    static void requireDurable(Connection connection) throws SQLException {
        require(connection, "journal_mode", "wal");
        require(connection, "synchronous", "2");
        require(connection, "foreign_keys", "1");
    }

    private static void require(Connection connection, String pragma, String safe)
            throws SQLException {
        String actual = pragma(connection, pragma);
        if (!actual.equals(safe)) {
            throw new StoreRefused(
                    "SQLite runs with "
                            + pragma
                            + " = "
                            + actual
                            + " instead of "
                            + safe
                            + ", so acknowledged steps could be lost; put the data directory on a local file"
                            + " system");
        }
    }

    static String pragma(Connection connection, String pragma) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("PRAGMA " + pragma)) {
            return row.next() ? row.getString(1).toLowerCase(Locale.ROOT) : "nothing";
        }
    }
}
