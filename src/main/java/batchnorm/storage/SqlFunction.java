package batchnorm.storage;

import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/// A function of a connection.
interface SqlFunction<T extends @Nullable Object> {
    T apply(Connection connection) throws SQLException;
}
