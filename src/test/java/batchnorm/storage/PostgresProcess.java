package batchnorm.storage;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A PostgreSQL server in its own process, which can be killed and restarted.
public final class PostgresProcess implements AutoCloseable {
    private final Path data;
    private final int port;
    private EmbeddedPostgres server;

    /// @param directory of its files
    public PostgresProcess(Path directory) throws IOException {
        this.data = directory.resolve("data");
        this.port = PostgresServer.freePort();
        this.server = start();
    }

    private EmbeddedPostgres start() throws IOException {
        return EmbeddedPostgres.builder()
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("full_page_writes", "on")
                .setPort(port)
                .setDataDirectory(data)
                .setCleanDataDirectory(false)
                .start();
    }

    public String url() {
        return PostgresServer.url("postgres", port);
    }

    /// Kills the server without a shutdown; its child processes notice and exit.
    public void kill() throws IOException {
        String process = Files.readAllLines(data.resolve("postmaster.pid")).getFirst();
        ProcessHandle.of(Long.parseLong(process)).orElseThrow().destroyForcibly();
        server.close(); // only its handle: the process has ended
    }

    public void startAgain() throws IOException {
        server = start();
    }

    /// Restarts as a read-only standby until it is promoted.
    public void startAgainAsStandby() throws IOException {
        Files.createFile(data.resolve("standby.signal"));
        startAgain();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
