package batchnorm.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import batchnorm.layer.Layer;
import batchnorm.layer.LayerName;
import batchnorm.normalization.BatchStatistics;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupTest {
    private static final LayerName NAME = Samples.name("layer");

    @TempDir Path directory;

    private SqliteLayerStore open(String folder) {
        return new SqliteLayerStore(SqliteSettings.in(directory.resolve(folder)), Samples.CLOCK);
    }

    private Path copy() throws IOException {
        return Files.createDirectories(directory.resolve("restored")).resolve("batchnorm.db");
    }

    /// A backup is consistent and contains every step acknowledged before it began.
    @Test
    void aBackupUnderWritersIsOneMomentOfTheStore() throws Exception {
        History history = new History();
        AtomicBoolean done = new AtomicBoolean();
        CountDownLatch busy = new CountDownLatch(200);
        try (SqliteLayerStore store = open("live")) {
            Layer first = Samples.create(store, Samples.layer(NAME, 64));
            Thread writer = Thread.ofVirtual().start(() -> train(store, history, busy, done));
            busy.await();
            long before = store.read(NAME).orElseThrow().version();
            store.backUp(copy());
            done.set(true);
            writer.join();

            try (SqliteLayerStore restored = open("restored")) {
                Layer last = restored.read(NAME).orElseThrow();
                assertThat(last.version()).isBetween(before, history.size() + 1L);
                assertThat(history.until(last.version()).violations(first, last)).isEmpty();
                assertThat(restored.secret()).isEqualTo(store.secret());
                assertThat(new TrainingClient(restored, NAME).step("0", Samples.batch(0, 64)))
                        .isEqualTo(2);
            }
        }
    }

    private static void train(
            SqliteLayerStore store, History history, CountDownLatch busy, AtomicBoolean done) {
        TrainingClient client = new TrainingClient(store, NAME);
        for (int i = 0; !done.get(); i++) {
            BatchStatistics batch = Samples.batch(i, 64);
            history.add(client.persist(String.valueOf(i), batch));
            busy.countDown();
        }
    }

    @Test
    void overwritesNothing() throws IOException {
        Files.writeString(copy(), "precious");
        try (SqliteLayerStore store = open("live")) {
            assertThatExceptionOfType(FileAlreadyExistsException.class)
                    .isThrownBy(() -> store.backUp(copy()));
        }
        assertThat(copy()).hasContent("precious");
    }
}
