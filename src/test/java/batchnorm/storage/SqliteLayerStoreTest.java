package batchnorm.storage;

import static batchnorm.storage.Samples.layer;
import static batchnorm.storage.Samples.name;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import batchnorm.layer.LayerCorrupt;
import batchnorm.layer.LayerStore;
import batchnorm.layer.LayerSummary;
import batchnorm.layer.Overloaded;
import batchnorm.layer.StoreUnavailable;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteConfig.SynchronousMode;

class SqliteLayerStoreTest extends LayerStoreContract {
    @TempDir Path directory;

    @Override
    LayerStore open(KeyLimits keys) {
        return open(WriteLimits.DEFAULT, keys);
    }

    private SqliteLayerStore open(WriteLimits writes, KeyLimits keys) {
        return new SqliteLayerStore(
                new SqliteSettings(directory, 1 << 20, 2, writes, keys), Samples.CLOCK);
    }

    @Override
    void close(LayerStore store) {
        ((SqliteLayerStore) store).close();
    }

    @Override
    void refuseLabel(String label) throws SQLException {
        execute(
                "CREATE TRIGGER refusal BEFORE INSERT ON snapshots WHEN NEW.label = '%s'"
                                .formatted(label)
                        + " BEGIN SELECT RAISE(ABORT, 'refused'); END");
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(
                                "jdbc:sqlite:" + directory.resolve("batchnorm.db"));
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Test
    void whatOptimizersRememberLivesThroughRestartsAndGoesWithItsLayer() {
        new RememberedOptimizers(() -> store, this::reopen)
                .liveThroughRestartsAndGoWithTheirLayer();
    }

    @Test
    void whatOptimizersRememberGoesWhenItsWorkFails() {
        new RememberedOptimizers(() -> store, this::reopen).goWhenTheirWorkFails();
    }

    @Test
    void refusesADirectoryInUse() {
        assertThatExceptionOfType(StoreRefused.class)
                .isThrownBy(() -> open(KeyLimits.DEFAULT))
                .withMessageContaining("is in use by another process");
    }

    @Test
    void refusesAnUnsafeConnection() throws SQLException {
        Path file = directory.resolve("unsafe.db");
        for (SynchronousMode mode : List.of(SynchronousMode.OFF, SynchronousMode.NORMAL)) {
            try (Connection unsafe = new SqliteDatabase(file, mode).writing().getConnection()) {
                assertThatExceptionOfType(StoreRefused.class)
                        .isThrownBy(() -> SqliteDatabase.requireDurable(unsafe))
                        .withMessageContaining("synchronous = ");
            }
        }
        try (Connection plain = DriverManager.getConnection("jdbc:sqlite::memory:")) {
            assertThatExceptionOfType(StoreRefused.class)
                    .isThrownBy(() -> SqliteDatabase.requireDurable(plain))
                    .withMessageContaining("journal_mode = memory instead of wal");
        }
    }

    @Test
    void refusesTablesOfANewerProgram() throws SQLException {
        close(store);
        execute(
                "INSERT INTO flyway_schema_history SELECT 99, '99', 'later', 'SQL', 'V99__later.sql',"
                        + " 1, 'later', installed_on, 1, 1 FROM flyway_schema_history LIMIT 1");
        assertThatExceptionOfType(StoreRefused.class)
                .isThrownBy(() -> open(KeyLimits.DEFAULT))
                .withMessageContaining("written by a newer version");
        execute("DELETE FROM flyway_schema_history WHERE version = '99'");
        store = open(KeyLimits.DEFAULT);
    }

    @Test
    void aDamagedLayerHurtsNoOther() throws Exception {
        Samples.create(store, layer(NAME, 300));
        Samples.create(store, layer(name("other"), 300));
        close(store);
        execute(
                "UPDATE layers SET running_mean = CAST(zeroblob(2392) || x'0000000000000080' AS BLOB)"
                        + " WHERE name = 'layer'");
        store = open(KeyLimits.DEFAULT);

        assertThatExceptionOfType(LayerCorrupt.class).isThrownBy(() -> store.read(NAME));
        assertThatExceptionOfType(LayerCorrupt.class)
                .isThrownBy(() -> new TrainingClient(store, NAME).step(Samples.batch(0, 300)));
        assertThat(new TrainingClient(store, name("other")).step(Samples.batch(0, 300)))
                .isEqualTo(2);
        assertThat(store.list(10, null)).extracting(LayerSummary::name).contains(name("other"));

        store.write(
                NAME,
                transaction -> {
                    transaction.delete();
                    return null;
                });
        assertThat(store.read(NAME)).isEmpty();
    }

    @Test
    void aDamagedMemoryOfAnOptimizerIsNotGoneOnWith() throws Exception {
        new RememberedOptimizers(() -> store, this::reopen).haveOne();
        close(store);
        execute("UPDATE optimizers SET gamma_first = zeroblob(16)");
        store = open(KeyLimits.DEFAULT);
        assertThatExceptionOfType(LayerCorrupt.class)
                .isThrownBy(() -> store.write(NAME, LayerStore.Transaction::optimizer));
        assertThat(store.read(NAME)).isPresent();
    }

    @Test
    void aListGoesOnBehindADamagedName() throws Exception {
        List.of("a", "b", "c", "d").forEach(name -> Samples.create(store, layer(name(name), 2)));
        execute("UPDATE layers SET convention = '?' WHERE name IN ('b', 'd')");
        assertThat(store.list(2, null))
                .extracting(LayerSummary::name)
                .containsExactly(name("a"), name("c"));
    }

    @Test
    void anExpiredKeyIsForgotten() {
        close(store);
        store = open(new KeyLimits(Duration.ofNanos(1), 1000));
        Samples.create(store, layer(NAME, 2));
        TrainingClient client = new TrainingClient(store, NAME);
        client.step("old", Samples.batch(0, 2));
        client.step("next", Samples.batch(1, 2));
        close(store);
        store =
                new SqliteLayerStore(
                        new SqliteSettings(directory, 0, 1, WriteLimits.DEFAULT, KeyLimits.DEFAULT),
                        () -> Samples.NOW.plus(Duration.ofHours(25)));
        new TrainingClient(store, NAME).step("today", Samples.batch(2, 2));
        assertThat(recorded("old")).isNull();
        assertThat(recorded("next")).isNull();
    }

    @Test
    void refusesWhatDoesNotFitItsQueueAndFinishesWhatItTook() throws Exception {
        close(store);
        SqliteLayerStore small =
                open(new WriteLimits(2, 2, Duration.ofSeconds(10)), KeyLimits.DEFAULT);
        store = small;
        Samples.create(store, layer(NAME, 2));
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Object> holder = threads.submit(() -> hold(begun, released));
            begun.await();
            List<Future<Long>> steps =
                    IntStream.range(0, 3).mapToObj(i -> threads.submit(() -> step(i))).toList();
            Future<Long> refused = firstToEnd(steps);
            assertThat(refused.exceptionNow()).isInstanceOf(Overloaded.class);
            Future<?> closed = threads.submit(small::close);
            released.countDown();
            holder.get();
            closed.get();
            assertThat(steps)
                    .filteredOn(step -> step.state() == Future.State.SUCCESS)
                    .extracting(Future::get)
                    .containsExactlyInAnyOrder(2L, 3L);
        }
        assertThatExceptionOfType(StoreUnavailable.class)
                .isThrownBy(() -> new TrainingClient(store, NAME).step(Samples.batch(2, 2)));
        store = open(KeyLimits.DEFAULT);
        assertThat(read().version()).isEqualTo(3);
    }

    private Object hold(CountDownLatch begun, CountDownLatch released) {
        return store.write(
                NAME,
                _ -> {
                    begun.countDown();
                    try {
                        released.await();
                    } catch (InterruptedException impossible) {
                        throw new IllegalStateException(impossible);
                    }
                    return "";
                });
    }

    private long step(long seed) {
        return new TrainingClient(store, NAME).step(Samples.batch(seed, 2));
    }

    private static Future<Long> firstToEnd(List<Future<Long>> futures) throws InterruptedException {
        while (true) {
            for (Future<Long> future : futures) {
                if (future.isDone()) {
                    return future;
                }
            }
            Thread.sleep(1);
        }
    }

    @Test
    void givesUpAWorkWhoseTurnDoesNotCome() throws Exception {
        close(store);
        store = open(new WriteLimits(10, 2, Duration.ofMillis(300)), KeyLimits.DEFAULT);
        Samples.create(store, layer(NAME, 2));
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Object> holder = threads.submit(() -> hold(begun, released));
            begun.await();
            assertThatExceptionOfType(Overloaded.class)
                    .isThrownBy(() -> new TrainingClient(store, NAME).step(Samples.batch(0, 2)));
            // Its deadline may start after the other's although it is queued before.
            assertThatExceptionOfType(ExecutionException.class).isThrownBy(holder::get);
            released.countDown();
        }
        assertThat(read().version()).isEqualTo(1);
    }

    @Test
    void writersWhoWaitTogetherCommitTogether() throws Exception {
        Samples.create(store, layer(NAME, 2));
        SqliteLayerStore sqlite = (SqliteLayerStore) store;
        long before = sqlite.commits();
        Writers.inParallel(
                32,
                writer -> {
                    for (int i = 0; i < 100; i++) {
                        new TrainingClient(store, NAME).step(Samples.batch(writer, 2));
                    }
                    return writer;
                });
        assertThat(read().version()).isEqualTo(3201);
        assertThat(sqlite.commits() - before).isBetween(100L, 1600L);
    }
}
