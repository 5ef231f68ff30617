package batchnorm.storage;

import static batchnorm.storage.Samples.layer;
import static batchnorm.storage.Samples.name;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.layer.Layer;
import batchnorm.layer.LayerExists;
import batchnorm.layer.LayerName;
import batchnorm.layer.LayerStore;
import batchnorm.layer.LayerStore.Transaction;
import batchnorm.layer.LayerSummary;
import batchnorm.layer.Snapshot;
import batchnorm.layer.SnapshotSummary;
import batchnorm.layer.StepRecord;
import batchnorm.layer.UnstorableValue;
import batchnorm.normalization.BatchStatistics;
import batchnorm.normalization.Config;
import batchnorm.normalization.Convention;
import batchnorm.normalization.Parameters;
import batchnorm.normalization.RunningStatistics;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The contract of every store.
abstract class LayerStoreContract {
    static final LayerName NAME = name("layer");

    LayerStore store;

    /// Opens the store of this test, with its earlier contents.
    abstract LayerStore open(KeyLimits keys);

    abstract void close(LayerStore store);

    /// Makes the database itself reject snapshots with this label.
    abstract void refuseLabel(String label) throws SQLException;

    int stepsPerWriter() {
        return 1000;
    }

    @BeforeEach
    void openStore() {
        store = open(KeyLimits.DEFAULT);
    }

    @AfterEach
    void closeStore() {
        close(store);
    }

    void reopen() {
        close(store);
        store = open(KeyLimits.DEFAULT);
    }

    Layer read() {
        return store.read(NAME).orElseThrow();
    }

    @Nullable StepRecord recorded(String key) {
        return store.write(NAME, transaction -> transaction.step(key));
    }

    static void assertSame(Layer actual, Layer expected) {
        assertThat(actual)
                .usingRecursiveComparison()
                .withEqualsForType(LayerStoreContract::sameBits, double[].class)
                .isEqualTo(expected);
    }

    private static boolean sameBits(double[] a, double[] b) {
        return Arrays.equals(
                Arrays.stream(a).mapToLong(Double::doubleToRawLongBits).toArray(),
                Arrays.stream(b).mapToLong(Double::doubleToRawLongBits).toArray());
    }

    @Test
    void keepsEveryKnob() {
        List<Layer> made =
                Arrays.stream(Convention.values())
                        .map(convention ->
                                Samples.layer(name(convention.word()), convention.config(), 3))
                        .map(layer -> Samples.create(store, layer))
                        .toList();
        reopen();
        for (Layer layer : made) {
            assertSame(store.read(layer.name()).orElseThrow(), layer);
        }
    }

    @Test
    void keepsALayerWithoutFeatures() {
        Layer plain = layer(NAME, 3);
        Layer empty =
                new Layer(
                        NAME,
                        plain.incarnation(),
                        1,
                        Samples.NOW,
                        Samples.NOW,
                        plain.config(),
                        null,
                        null,
                        null);
        Samples.create(store, empty);
        reopen();
        assertSame(read(), empty);
    }

    @Test
    void keepsEveryBitOfAVector() {
        double[] odd = {
            -0.0,
            Double.MIN_VALUE,
            Double.POSITIVE_INFINITY,
            Double.longBitsToDouble(0x7FF8_0000_DEAD_BEEFL),
            Double.longBitsToDouble(0x7FF0_0000_0000_0001L)
        };
        Layer plain = layer(NAME, Convention.DEEP_LEARNING_FROM_SCRATCH.config(), 5);
        Layer strange =
                new Layer(
                        NAME,
                        plain.incarnation(),
                        Long.MAX_VALUE - 1,
                        Samples.NOW,
                        Samples.NOW.plusSeconds(1),
                        plain.config(),
                        5,
                        new Parameters(null, odd),
                        new RunningStatistics(odd, odd, 7));
        Samples.create(store, strange);
        reopen();
        assertSame(read(), strange);
        assertThat(requireNonNull(read().parameters()).gamma()).isNull();
    }

    @Test
    void keepsEveryFieldOfAStep() {
        Samples.create(store, layer(NAME, 4));
        Config config = Convention.KERAS.config();
        BatchStatistics batch = Samples.batch(1, 4);
        StepRecord step =
                new StepRecord(
                        "key",
                        "print",
                        2,
                        Samples.NOW,
                        config,
                        new Parameters(batch.mean(), null),
                        batch,
                        0.1,
                        new RunningStatistics(batch.mean(), batch.variance(), 9),
                        new RunningStatistics(batch.variance(), batch.mean(), 9),
                        "context");
        store.write(
                NAME,
                transaction -> {
                    transaction.record(step);
                    return null;
                });
        reopen();
        assertThat(recorded("key")).usingRecursiveComparison().isEqualTo(step);
        assertThat(recorded("other")).isNull();
    }

    @Test
    void readsWhatWasWritten() {
        assertThat(store.read(NAME)).isEmpty();
        Samples.create(store, layer(NAME, 2));
        assertThat(read().version()).isEqualTo(1);
        new TrainingClient(store, NAME).step(Samples.batch(0, 2));
        assertThat(read().version()).isEqualTo(2);
        store.write(
                NAME,
                transaction -> {
                    transaction.delete();
                    return null;
                });
        assertThat(store.read(NAME)).isEmpty();
        reopen();
        assertThat(store.read(NAME)).isEmpty();
    }

    @Test
    void aWorkThatThrowsChangesNothing() {
        Layer made = Samples.create(store, layer(NAME, 2));
        assertThatThrownBy(() ->
                        store.write(
                                NAME,
                                transaction -> {
                                    transaction.put(made.trained(Samples.batch(0, 2), Samples.NOW));
                                    transaction.record(
                                            TrainingClient.record(
                                                    "key", made, Samples.batch(0, 2)));
                                    throw new LayerExists(NAME);
                                }))
                .isInstanceOf(LayerExists.class);
        assertSame(read(), made);
        assertThat(recorded("key")).isNull();
    }

    @Test
    void severalLayersChangeTogether() {
        Layer first = layer(name("first"), 2);
        Layer second = layer(name("second"), 3);
        int written =
                store.writeAll(
                        Set.of(second.name(), first.name(), NAME),
                        transactions -> {
                            transactions.of(first.name()).put(first);
                            transactions.of(second.name()).put(second);
                            assertThat(transactions.of(NAME).layer()).isNull();
                            return 2;
                        });
        assertThat(written).isEqualTo(2);
        reopen();
        assertSame(store.read(first.name()).orElseThrow(), first);
        assertSame(store.read(second.name()).orElseThrow(), second);
        assertThat(store.read(NAME)).isEmpty();
    }

    @Test
    void severalLayersStayAsTheyWereWhenTheirWorkThrows() {
        Layer made = Samples.create(store, layer(NAME, 2));
        Layer other = layer(name("other"), 2);
        assertThatThrownBy(() ->
                        store.writeAll(
                                Set.of(NAME, other.name()),
                                transactions -> {
                                    transactions.of(other.name()).put(other);
                                    transactions.of(NAME).delete();
                                    throw new LayerExists(NAME);
                                }))
                .isInstanceOf(LayerExists.class);
        assertSame(read(), made);
        assertThat(store.read(other.name())).isEmpty();
    }

    @Test
    void countsAKeyOnce() {
        Samples.create(store, layer(NAME, 2));
        TrainingClient client = new TrainingClient(store, NAME);
        assertThat(client.step("a", Samples.batch(0, 2))).isEqualTo(2);
        assertThat(client.step("b", Samples.batch(1, 2))).isEqualTo(3);
        assertThat(client.step("a", Samples.batch(0, 2))).isEqualTo(2);
        reopen();
        assertThat(new TrainingClient(store, NAME).step("a", Samples.batch(0, 2))).isEqualTo(2);
        assertThat(read().batches()).isEqualTo(2);
    }

    @Test
    void aNewLayerOfTheSameNameKnowsNoOldKeys() {
        Samples.create(store, layer(NAME, 2));
        new TrainingClient(store, NAME).step("key", Samples.batch(0, 2));
        Layer again = layer(NAME, 3);
        store.write(
                NAME,
                transaction -> {
                    transaction.delete();
                    assertThat(transaction.layer()).isNull();
                    assertThat(transaction.step("key")).isNull();
                    transaction.put(again);
                    return null;
                });
        assertSame(read(), again);
        assertThat(recorded("key")).isNull();
        reopen();
        assertSame(read(), again);
        assertThat(recorded("key")).isNull();
    }

    @Test
    void forgetsKeysThatAreTooMany() {
        close(store);
        store = open(new KeyLimits(Duration.ofHours(1), 10));
        Samples.create(store, layer(NAME, 2));
        TrainingClient client = new TrainingClient(store, NAME);
        for (int i = 0; i < 50; i++) {
            client.step("key-" + i, Samples.batch(i, 2));
        }
        assertThat(IntStream.range(0, 50).filter(i -> recorded("key-" + i) != null))
                .containsExactly(40, 41, 42, 43, 44, 45, 46, 47, 48, 49);
    }

    @Test
    void listsByName() {
        List<String> names = List.of("Zeta", "a", "a.b", "a-b", "b_", "b1", "10", "9");
        names.forEach(name -> Samples.create(store, layer(name(name), 2)));
        List<String> sorted = names.stream().sorted().toList();
        assertThat(store.list(100, null))
                .extracting(layer -> layer.name().value())
                .containsExactlyElementsOf(sorted);
        List<LayerSummary> page = store.list(3, name(sorted.get(2)));
        assertThat(page)
                .extracting(layer -> layer.name().value())
                .containsExactlyElementsOf(sorted.subList(3, 6));
        LayerSummary first = page.getFirst();
        assertThat(first)
                .isEqualTo(
                        new LayerSummary(first.name(), Convention.PYTORCH, 2, 0, 1, Samples.NOW));
    }

    @Test
    void keepsItsSecret() {
        byte[] secret = store.secret();
        assertThat(secret).hasSize(32);
        reopen();
        assertThat(store.secret()).isEqualTo(secret);
    }

    /// Rejected by a constraint of the database, and because only some databases accept such text.
    @ParameterizedTest
    @ValueSource(strings = {"refused by a constraint", "NUL \0", "half a pair \ud800"})
    void aValueThatTheDatabaseRefusesFailsItsOwnChangeOnly(String label) throws Exception {
        refuseLabel("refused by a constraint");
        Layer made = Samples.create(store, layer(NAME, 2));
        TrainingClient client = new TrainingClient(store, NAME);
        List<Future<?>> answers =
                new ConcurrentChanges(store, NAME)
                        .run(
                                List.of(
                                        () -> client.step("a", Samples.batch(1, 2)),
                                        () -> keepSnapshot(made, label),
                                        () -> client.step("b", Samples.batch(2, 2)),
                                        () -> client.step(Samples.batch(3, 2)),
                                        () -> keepSnapshot(made, "kept")));
        assertThat(answers.get(1).exceptionNow()).isInstanceOf(UnstorableValue.class);
        assertThat(List.of(0, 2, 3, 4))
                .extracting((Integer task) -> answers.get(task).state())
                .containsOnly(Future.State.SUCCESS);
        reopen();
        assertThat(read().batches()).isEqualTo(3);
        assertThat(recorded("b")).isNotNull();
        List<SnapshotSummary> snapshots = store.write(NAME, Transaction::snapshots);
        assertThat(snapshots).extracting(SnapshotSummary::label).containsExactly("kept");
    }

    private long keepSnapshot(Layer layer, String label) {
        return store.write(
                NAME,
                transaction -> {
                    long id = transaction.nextSnapshot();
                    transaction.keep(new Snapshot(id, label, Samples.NOW, layer));
                    return id;
                });
    }

    @Test
    void countsEveryStepOfManyWritersOnce() throws Exception {
        Layer first = Samples.create(store, layer(NAME, 4));
        History history = new History();
        Writers.inParallel(8, writer -> train(history, writer, stepsPerWriter()));
        assertThat(history.size()).isEqualTo(8 * stepsPerWriter());
        assertThat(history.violations(first, read())).isEmpty();
        reopen();
        assertThat(history.violations(first, read())).isEmpty();
    }

    private int train(History history, int writer, int steps) {
        TrainingClient client = new TrainingClient(store, NAME);
        for (int i = 0; i < steps; i++) {
            BatchStatistics batch = Samples.batch(writer * 100_000L + i, 4);
            long begun = System.nanoTime();
            long version = client.step(batch);
            long answered = System.nanoTime();
            history.add(new History.Step(writer + "-" + i, version, batch, begun, answered));
            assertThat(read().version()).isGreaterThanOrEqualTo(version);
        }
        return steps;
    }
}
