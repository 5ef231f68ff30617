package batchnorm.storage;

import batchnorm.layer.StoreConnections;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/// A bounded pool of connections.
final class Connections implements AutoCloseable {
    private final HikariDataSource pool;

    /// Returns a pool of read-only connections.
    ///
    /// @param deadline the maximum wait for a connection
    static Connections reading(DataSource source, int number, Duration deadline) {
        HikariConfig config = config("reading", source, number, deadline);
        config.setReadOnly(true);
        return new Connections(config);
    }

    /// Returns a pool of connections without auto-commit.
    ///
    /// @param deadline the maximum wait for a connection
    static Connections writing(DataSource source, int number, Duration deadline) {
        HikariConfig config = config("writing", source, number, deadline);
        config.setAutoCommit(false);
        return new Connections(config);
    }

    private Connections(HikariConfig config) {
        this.pool = new HikariDataSource(config);
    }

    private static HikariConfig config(
            String name, DataSource source, int number, Duration deadline) {
        HikariConfig config = new HikariConfig();
        config.setPoolName(name);
        config.setDataSource(source);
        config.setMaximumPoolSize(number);
        config.setConnectionTimeout(deadline.toMillis());
        // Validation times out early enough to try another connection.
        config.setValidationTimeout(Math.max(250, deadline.toMillis() / 2));
        return config;
    }

    Connection take() throws SQLException {
        return pool.getConnection();
    }

    <T extends @Nullable Object> T with(SqlFunction<T> work) throws SQLException {
        try (Connection connection = take()) {
            return work.apply(connection);
        }
    }

    /// Closes every idle connection. The event that ends one connection usually ends all, and the
    /// pool does not validate those that were used half a second ago.
    void evictIdle() {
        pool.getHikariPoolMXBean().softEvictConnections();
    }

    StoreConnections use() {
        HikariPoolMXBean state = pool.getHikariPoolMXBean();
        return new StoreConnections(
                state.getActiveConnections(),
                state.getIdleConnections(),
                state.getThreadsAwaitingConnection());
    }

    @Override
    public void close() {
        pool.close();
    }
}
