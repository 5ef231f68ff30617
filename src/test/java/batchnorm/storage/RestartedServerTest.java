package batchnorm.storage;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.layer.Layer;
import batchnorm.layer.LayerName;
import batchnorm.layer.StoreState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tests a PostgreSQL server that fails under its replicas and restarts.
@Tag("slow")
@Tag("fault")
class RestartedServerTest {
    private static final LayerName NAME = Samples.name("layer");

    @TempDir Path directory;

    @Test
    void nothingIsLostOrDoubledWhenTheServerIsKilled() throws Exception {
        History history = new History();
        AtomicBoolean done = new AtomicBoolean();
        try (PostgresProcess server = new PostgresProcess(directory);
                PostgresLayerStore store = open(server.url())) {
            Layer first = Samples.create(store, Samples.layer(NAME, 8));
            Thread clients = Thread.ofVirtual().start(() -> train(store, history, done));
            TimeUnit.MILLISECONDS.sleep(500);
            server.kill();
            TimeUnit.MILLISECONDS.sleep(500);
            int stepsBefore = history.size();
            server.startAgain();
            awaitMoreThan(stepsBefore + 100, history);
            done.set(true);
            clients.join();
            assertThat(history.violations(first, store.read(NAME).orElseThrow())).isEmpty();
        }
    }

    /// A failover unnoticed by the replicas: they still reach the server, which is now a standby.
    @Test
    void aStandbyTakesNoChanges() throws Exception {
        try (PostgresProcess server = new PostgresProcess(directory);
                PostgresLayerStore store = open(server.url())) {
            assertThat(store.state()).isEqualTo(StoreState.READY);
            server.kill();
            server.startAgainAsStandby();
            assertThat(store.list(10, null)).isEmpty(); // it responds
            assertThat(store.state().kind()).isEqualTo(StoreState.Kind.READ_ONLY);
        }
    }

    private static PostgresLayerStore open(String url) {
        return new PostgresLayerStore(
                PostgresServer.settings(url, KeyLimits.DEFAULT, Duration.ofSeconds(3)),
                Samples.CLOCK);
    }

    private static void train(PostgresLayerStore store, History history, AtomicBoolean done) {
        TrainingClient client = new TrainingClient(store, NAME);
        try {
            Writers.inParallel(
                    4,
                    writer -> {
                        for (int i = 0; !done.get(); i++) {
                            String key = writer + "-" + i;
                            history.add(client.persist(key, Samples.batch(key.hashCode(), 8)));
                        }
                        return writer;
                    });
        } catch (Exception failed) {
            throw new IllegalStateException(failed);
        }
    }

    private static void awaitMoreThan(int steps, History history) throws InterruptedException {
        for (int i = 0; i < 300 && history.size() <= steps; i++) {
            TimeUnit.MILLISECONDS.sleep(100);
        }
        assertThat(history.size()).as("steps after the restart").isGreaterThan(steps);
    }
}
