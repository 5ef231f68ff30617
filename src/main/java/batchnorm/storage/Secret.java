package batchnorm.storage;

import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/// The table `secrets`: thirty-two random bytes, made by whoever starts first.
final class Secret {
    private static final int BYTES = 32;

    private Secret() {}

    static byte[] findOrMake(Connection connection) throws SQLException {
        byte[] fresh = new byte[BYTES];
        new SecureRandom().nextBytes(fresh);
        try (PreparedStatement insert =
                connection.prepareStatement(
                        "INSERT INTO secrets (id, secret) VALUES (1, ?) ON CONFLICT DO NOTHING")) {
            insert.setBytes(1, fresh);
            insert.executeUpdate();
        }
        try (PreparedStatement select = connection.prepareStatement("SELECT secret FROM secrets");
                ResultSet row = select.executeQuery()) {
            if (!row.next()) {
                throw new SQLException("the table secrets is empty after an insert");
            }
            return row.getBytes(1);
        }
    }
}
