package batchnorm.storage;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import batchnorm.layer.CommitOutcomeUnknown;
import batchnorm.layer.Layer;
import batchnorm.layer.LayerCorrupt;
import batchnorm.layer.LayerExists;
import batchnorm.layer.LayerName;
import batchnorm.layer.LayerNotFound;
import batchnorm.layer.LayerStore.Transaction;
import batchnorm.layer.Snapshot;
import batchnorm.layer.StepRecord;
import batchnorm.layer.StorageFull;
import batchnorm.layer.StoreUnavailable;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sqlite.SQLiteConfig.SynchronousMode;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/// Commits works together on a real SQLite file, with injected faults.
@Tag("fault")
class GroupCommitTest {
    private static final LayerName NAME = Samples.name("layer");

    @TempDir Path directory;
    private Connection connection;
    private SqliteSession session;
    private CommittedLayers committed;
    private GroupCommit batch;

    @BeforeEach
    void open() throws SQLException {
        SqliteDatabase database =
                new SqliteDatabase(directory.resolve("batchnorm.db"), SynchronousMode.FULL);
        Migrations.run(
                database.writing(),
                "sqlite",
                failed -> {
                    throw new IllegalStateException(failed);
                });
        connection = database.writing().getConnection();
        use(connection);
    }

    @AfterEach
    void close() throws SQLException {
        connection.close();
    }

    private void use(Connection writing) {
        committed = new CommittedLayers(1 << 20);
        session =
                new SqliteSession(
                        writing, committed, KeyLimits.DEFAULT, StorageQuota.DEFAULT, Samples.CLOCK);
        batch = new GroupCommit(session, committed);
    }

    private static CommitTask<Long> create(Layer layer) {
        return work(
                layer.name(),
                transaction -> {
                    if (transaction.layer() != null) {
                        throw new LayerExists(layer.name());
                    }
                    transaction.put(layer);
                    return layer.version();
                });
    }

    private static CommitTask<Long> step(int seed) {
        return work(transaction -> {
            Layer layer = transaction.layer();
            if (layer == null) {
                throw new LayerNotFound(NAME);
            }
            Layer next = layer.trained(Samples.batch(seed, 2), Samples.NOW);
            transaction.put(next);
            return next.version();
        });
    }

    private static <T extends @Nullable Object> CommitTask<T> work(Function<Transaction, T> work) {
        return work(NAME, work);
    }

    private static <T extends @Nullable Object> CommitTask<T> work(
            LayerName name, Function<Transaction, T> work) {
        return new CommitTask<>(Set.of(name), transactions -> work.apply(transactions.of(name)));
    }

    private static <T extends @Nullable Object> T result(CommitTask<T> submission) {
        return submission.await(Duration.ofSeconds(1));
    }

    private @Nullable Layer stored() throws SQLException {
        return LayerTable.find(connection, NAME);
    }

    private void pragma(String pragma) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA " + pragma);
        }
    }

    @Test
    void oneCommitServesAll() throws SQLException {
        CommitTask<Long> created = create(Samples.layer(NAME, 2));
        List<CommitTask<Long>> steps = Stream.of(1, 2, 3).map(GroupCommitTest::step).toList();
        batch.run(List.of(created, steps.get(0), steps.get(1), steps.get(2)));
        assertThat(steps).extracting(GroupCommitTest::result).containsExactly(2L, 3L, 4L);
        assertThat(batch.commits()).isEqualTo(1);
        assertThat(stored()).extracting(Layer::version).isEqualTo(4L);
    }

    @Test
    void aWorkThatThrowsHindersNoOther() {
        CommitTask<Long> broken =
                work(transaction -> {
                    transaction.delete();
                    throw new IllegalStateException("broken");
                });
        CommitTask<Long> second = create(Samples.layer(NAME, 2));
        CommitTask<Long> step = step(1);
        batch.run(List.of(create(Samples.layer(NAME, 2)), broken, second, step));
        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> result(broken));
        assertThatExceptionOfType(LayerExists.class).isThrownBy(() -> result(second));
        assertThat(result(step)).isEqualTo(2);
        assertThat(batch.commits()).isEqualTo(1);
    }

    @Test
    void whatChangesNothingCommitsNothing() {
        CommitTask<@Nullable Layer> reading = work(Transaction::layer);
        batch.run(List.of(reading));
        assertThat(result(reading)).isNull();
        assertThat(batch.commits()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anErrorAtCommitIsAnUnknownOutcomeForAllAndTheEnd(boolean carriedOut) throws SQLException {
        batch.run(List.of(create(Samples.layer(NAME, 2))));
        SQLException lost = new SQLiteException("lost", SQLiteErrorCode.SQLITE_IOERR_FSYNC);
        use(new FaultyConnection(connection, "COMMIT", carriedOut, lost).connection());

        CommitTask<Long> step = step(1);
        CommitTask<Long> exists = create(Samples.layer(NAME, 2));
        batch.run(List.of(step, exists));
        assertThatExceptionOfType(CommitOutcomeUnknown.class).isThrownBy(() -> result(step));
        assertThatExceptionOfType(CommitOutcomeUnknown.class).isThrownBy(() -> result(exists));
        assertThat(committed.peek(NAME)).isNull();
        assertThat(stored()).extracting(Layer::version).isEqualTo(carriedOut ? 2L : 1L);

        CommitTask<Long> later = step(2);
        batch.run(List.of(later));
        assertThatExceptionOfType(StoreUnavailable.class)
                .isThrownBy(() -> result(later))
                .withMessageContaining("restart");
        assertThat(session.failure()).isNotNull();
    }

    @Test
    void aFailureBeforeTheCommitChangesNothingAndPasses() throws SQLException {
        batch.run(List.of(create(Samples.layer(NAME, 2))));
        SQLException busy = new SQLiteException("busy", SQLiteErrorCode.SQLITE_IOERR_READ);
        use(new FaultyConnection(connection, "BEGIN IMMEDIATE", false, busy).connection());
        CommitTask<Long> first = step(1);
        CommitTask<Long> second = step(1);
        batch.run(List.of(first));
        batch.run(List.of(second));
        assertThatExceptionOfType(StoreUnavailable.class).isThrownBy(() -> result(first));
        assertThat(result(second)).isEqualTo(2);
    }

    @Test
    void aFullDiskRefusesWhatNeedsRoomAndNothingElse() throws SQLException {
        batch.run(List.of(create(Samples.layer(NAME, 2))));
        pragma("max_page_count = 1"); // SQLite raises it to the pages in use
        Layer large = Samples.layer(Samples.name("large"), 10_000);
        CommitTask<Long> tooLarge = create(large);
        CommitTask<Long> step = step(1);
        CommitTask<@Nullable Layer> reading = work(Transaction::layer);
        batch.run(List.of(tooLarge, step, reading));
        assertThatExceptionOfType(StorageFull.class).isThrownBy(() -> result(tooLarge));
        assertThat(result(step)).isEqualTo(2);
        assertThat(result(reading)).extracting(Layer::version).isEqualTo(2L);
        assertThat(LayerTable.find(connection, large.name())).isNull();

        pragma("max_page_count = 100000");
        CommitTask<Long> again = create(large);
        batch.run(List.of(again));
        assertThat(result(again)).isEqualTo(1);
    }

    /// A defect, such as an overlong vector, fails before the commit.
    @Test
    void anUnexpectedFailureBeforeTheCommitFailsItsOwnWorkOnly() throws SQLException {
        batch.run(List.of(create(Samples.layer(NAME, 2))));
        CommitTask<Long> broken =
                work(
                        Samples.name("unnamed"),
                        transaction -> {
                            Snapshot timeless =
                                    new Snapshot(1, "late", Instant.MAX, Samples.layer(NAME, 2));
                            transaction.put(Samples.layer(Samples.name("unnamed"), 2));
                            transaction.nextSnapshot();
                            transaction.keep(timeless);
                            return 1L;
                        });
        CommitTask<Long> before = step(1);
        CommitTask<Long> after = step(2);
        batch.run(List.of(before, broken, after));
        assertThatExceptionOfType(ArithmeticException.class).isThrownBy(() -> result(broken));
        assertThat(result(before)).isEqualTo(2);
        assertThat(result(after)).isEqualTo(3);
        assertThat(stored()).extracting(Layer::version).isEqualTo(3L);
    }

    private static CommitTask<StepRecord> keyed(String key, int seed) {
        return work(transaction -> {
            Layer next =
                    requireNonNull(transaction.layer())
                            .trained(Samples.batch(seed, 2), Samples.NOW);
            transaction.put(next);
            StepRecord step = TrainingClient.record(key, next, Samples.batch(seed, 2));
            transaction.record(step);
            return step;
        });
    }

    private @Nullable StepRecord recorded(String key) throws SQLException {
        String incarnation = requireNonNull(stored()).incarnation();
        return StepTable.find(connection, NAME, incarnation, key);
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /// Submits the steps of "a", "b" and "c" one after another, with a step without a key before
    /// "d".
    private List<CommitTask<StepRecord>> recordFour() {
        List<CommitTask<StepRecord>> steps =
                List.of(keyed("a", 1), keyed("b", 2), keyed("c", 3), keyed("d", 5));
        batch.run(List.of(create(Samples.layer(NAME, 2))));
        batch.run(List.of(steps.get(0), steps.get(1), steps.get(2), step(4), steps.get(3)));
        return steps;
    }

    @Test
    void stepsThatFollowOneAnotherAreRecordedByTheirBatchesAndReadWhole() throws SQLException {
        for (CommitTask<StepRecord> step : recordFour()) {
            StepRecord made = result(step);
            assertThat(recorded(made.key())).usingRecursiveComparison().isEqualTo(made);
        }
        try (Statement statement = connection.createStatement();
                ResultSet whole =
                        statement.executeQuery(
                                "SELECT group_concat(idempotency_key) FROM steps WHERE base IS NULL")) {
            assertThat(whole.getString(1)).isEqualTo("a,d");
        }
    }

    @Test
    void aStepWhoseBeginningIsDamagedIsNotBelieved() throws SQLException {
        recordFour();
        execute("UPDATE steps SET running_mean = zeroblob(16) WHERE idempotency_key = 'a'");
        assertThatExceptionOfType(LayerCorrupt.class).isThrownBy(() -> recorded("c"));
        assertThat(recorded("d")).isNotNull();
    }

    @Test
    void aStepIsNotReadAcrossAGap() throws SQLException {
        recordFour();
        execute("DELETE FROM steps WHERE idempotency_key = 'b'");
        assertThatExceptionOfType(LayerCorrupt.class).isThrownBy(() -> recorded("c"));
    }

    @Test
    void whatFollowsAForgottenStepIsForgotten() throws SQLException {
        recordFour();
        execute("DELETE FROM steps WHERE idempotency_key = 'a'");
        assertThat(recorded("c")).isNull();
        assertThat(recorded("d")).isNotNull();
    }

    @Test
    void noticesThatAnotherProgramWasFaster() throws SQLException {
        batch.run(List.of(create(Samples.layer(NAME, 2))));
        try (Connection other =
                new SqliteDatabase(directory.resolve("batchnorm.db"), SynchronousMode.FULL)
                        .writing()
                        .getConnection()) {
            CommittedLayers elsewhere = new CommittedLayers(0);
            GroupCommit foreign =
                    new GroupCommit(
                            new SqliteSession(
                                    other,
                                    elsewhere,
                                    KeyLimits.DEFAULT,
                                    StorageQuota.DEFAULT,
                                    Samples.CLOCK),
                            elsewhere);
            foreign.run(List.of(step(1)));
        }
        CommitTask<Long> step = step(2);
        batch.run(List.of(step));
        assertThat(result(step)).isEqualTo(3);
    }
}
