package batchnorm.storage;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/// A PostgreSQL server for tests with production durability; the embedded one starts with all of it
/// off.
public final class PostgresServer {
    private static final EmbeddedPostgres SERVER = start();
    private static final AtomicInteger DATABASES = new AtomicInteger();

    private PostgresServer() {}

    private static EmbeddedPostgres start() {
        try {
            return EmbeddedPostgres.builder()
                    .setServerConfig("fsync", "on")
                    .setServerConfig("synchronous_commit", "on")
                    .setServerConfig("full_page_writes", "on")
                    .start();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    public static int port() {
        return SERVER.getPort();
    }

    static int freePort() throws IOException {
        try (ServerSocket any = new ServerSocket(0)) {
            return any.getLocalPort();
        }
    }

    /// Returns a new database on the shared server.
    public static String newDatabase() {
        String name = "test_" + DATABASES.incrementAndGet();
        execute("postgres", "CREATE DATABASE " + name);
        return name;
    }

    public static void execute(String database, String sql) {
        try (Connection connection = DriverManager.getConnection(url(database));
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException failed) {
            throw new IllegalStateException(failed);
        }
    }

    /// Rejects connections of a role without its password.
    public static void requirePassword(String role) throws IOException {
        Path file = Path.of(query("postgres", "SHOW hba_file"));
        String rule = "host all " + role + " all scram-sha-256\n";
        Files.writeString(file, rule + Files.readString(file));
        execute("postgres", "SELECT pg_reload_conf()");
    }

    private static String query(String database, String sql) {
        try (Connection connection = DriverManager.getConnection(url(database));
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        } catch (SQLException failed) {
            throw new IllegalStateException(failed);
        }
    }

    /// Ends the connections of a database, which makes new ones use its current settings.
    public static void endConnections(String database) {
        execute(
                "postgres",
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '"
                        + database
                        + "'");
    }

    public static String url(String database) {
        return url(database, port());
    }

    /// Returns the URL of the server behind another port.
    public static String url(String database, int port) {
        return "jdbc:postgresql://localhost:" + port + "/" + database + "?user=postgres";
    }

    static PostgresSettings settings(String url, KeyLimits keys, Duration deadline) {
        WriteLimits writes = new WriteLimits(1024, 256, deadline);
        return new PostgresSettings(url, null, null, 1 << 20, 2, 4, writes, keys);
    }

    static PostgresLayerStore open(String url) {
        return new PostgresLayerStore(
                settings(url, KeyLimits.DEFAULT, Duration.ofSeconds(10)), Samples.CLOCK);
    }
}
