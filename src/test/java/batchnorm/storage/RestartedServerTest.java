package batchnorm.storage;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.layer.Layer;
import batchnorm.layer.LayerName;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A PostgreSQL server that dies under its replicas and comes back.
class RestartedServerTest {
    private static final LayerName NAME = Samples.name("layer");

    @TempDir Path directory;

    private EmbeddedPostgres start(int port) throws IOException {
        return EmbeddedPostgres.builder()
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("full_page_writes", "on")
                .setPort(port)
                .setDataDirectory(directory.resolve("data"))
                .setCleanDataDirectory(false)
                .start();
    }

    @Test
    void nothingIsLostOrDoubledWhenTheServerIsKilled() throws Exception {
        int port = PostgresServer.freePort();
        History history = new History();
        AtomicBoolean done = new AtomicBoolean();
        EmbeddedPostgres server = start(port);
        try (PostgresLayerStore store = open(port)) {
            Layer first = Samples.create(store, Samples.layer(NAME, 8));
            Thread clients = Thread.ofVirtual().start(() -> train(store, history, done));
            TimeUnit.MILLISECONDS.sleep(500);
            kill();
            server.close(); // only its handle: the process is gone
            TimeUnit.MILLISECONDS.sleep(500);
            int stepsBefore = history.size();
            server = start(port);
            awaitMoreThan(stepsBefore + 100, history);
            done.set(true);
            clients.join();
            assertThat(history.violations(first, store.read(NAME).orElseThrow())).isEmpty();
        } finally {
            server.close();
        }
    }

    private static PostgresLayerStore open(int port) {
        return new PostgresLayerStore(
                PostgresServer.settings(
                        PostgresServer.url("postgres", port),
                        KeyLimits.DEFAULT,
                        Duration.ofSeconds(3)),
                Samples.CLOCK);
    }

    private static void train(PostgresLayerStore store, History history, AtomicBoolean done) {
        Training training = new Training(store, NAME);
        try {
            Writers.inParallel(
                    4,
                    writer -> {
                        for (int i = 0; !done.get(); i++) {
                            String key = writer + "-" + i;
                            history.add(training.persist(key, Samples.batch(key.hashCode(), 8)));
                        }
                        return writer;
                    });
        } catch (Exception failed) {
            throw new IllegalStateException(failed);
        }
    }

    /// Without a chance to finish anything; its children notice and end.
    private void kill() throws IOException {
        long process =
                Long.parseLong(
                        Files.readAllLines(directory.resolve("data/postmaster.pid")).getFirst());
        ProcessHandle.of(process).orElseThrow().destroyForcibly();
    }

    private static void awaitMoreThan(int steps, History history) throws InterruptedException {
        for (int i = 0; i < 300 && history.size() <= steps; i++) {
            TimeUnit.MILLISECONDS.sleep(100);
        }
        assertThat(history.size()).as("steps after the restart").isGreaterThan(steps);
    }
}
