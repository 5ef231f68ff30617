package batchnorm.service.faults;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HexFormat;

/// Faults of an embedded store, and credentials to look at them.
final class Faults {
    private Faults() {}

    /// Violates a foreign key, which is checked only at the commit.
    static void failEveryCommit(Path database) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE parent (id INTEGER PRIMARY KEY)");
            statement.execute(
                    "CREATE TABLE child (id REFERENCES parent DEFERRABLE INITIALLY DEFERRED)");
            statement.execute(
                    "CREATE TRIGGER fault AFTER UPDATE ON layers BEGIN INSERT INTO child VALUES (1); END");
        }
    }

    static void removeTrigger(Path database) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
                Statement statement = connection.createStatement()) {
            statement.execute("DROP TRIGGER fault");
        }
    }

    static String digest(String key) throws NoSuchAlgorithmException {
        return HexFormat.of()
                .formatHex(
                        MessageDigest.getInstance("SHA-256")
                                .digest(key.getBytes(StandardCharsets.UTF_8)));
    }
}
