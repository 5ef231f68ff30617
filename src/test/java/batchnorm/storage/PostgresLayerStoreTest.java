package batchnorm.storage;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import batchnorm.layer.Layer;
import batchnorm.layer.LayerCorrupt;
import batchnorm.layer.LayerExists;
import batchnorm.layer.LayerStore;
import batchnorm.layer.Overloaded;
import batchnorm.layer.StepRecord;
import batchnorm.normalization.BatchStatistics;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("slow")
class PostgresLayerStoreTest extends LayerStoreContract {
    private final String database = PostgresServer.newDatabase();

    @Override
    LayerStore open(KeyLimits keys) {
        return new PostgresLayerStore(
                PostgresServer.settings(PostgresServer.url(database), keys, Duration.ofSeconds(10)),
                Samples.CLOCK);
    }

    @Override
    void close(LayerStore opened) {
        ((PostgresLayerStore) opened).close();
    }

    @Override
    void refuseLabel(String label) {
        PostgresServer.execute(
                database, "ALTER TABLE snapshots ADD CHECK (label <> '" + label + "')");
    }

    @Override
    int stepsPerWriter() {
        return 200;
    }

    @ParameterizedTest
    @CsvSource({
        "synchronous_commit, synchronous_commit = off",
        "default_transaction_read_only, takes no changes"
    })
    void refusesAnUnsafeServer(String setting, String sentence) {
        String value = setting.startsWith("default") ? "on" : "off";
        PostgresServer.execute(
                "postgres", "ALTER DATABASE " + database + " SET " + setting + " = " + value);
        assertThatExceptionOfType(StoreRefused.class)
                .isThrownBy(() -> open(KeyLimits.DEFAULT))
                .withMessageContaining(sentence);
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
    void everyStepOfManyWritersIsRecordedAsItWas() throws Exception {
        int features = 2;
        Layer first = Samples.create(store, Samples.layer(NAME, features));
        TrainingClient client = new TrainingClient(store, NAME);
        Map<Long, String> keys = new ConcurrentSkipListMap<>();
        Writers.inParallel(
                8,
                writer -> {
                    for (int i = 0; i < 25; i++) {
                        String key = writer + "-" + i;
                        keys.put(client.step(key, Samples.batch(key.hashCode(), features)), key);
                    }
                    return writer;
                });
        Layer layer = first;
        for (String key : keys.values()) {
            layer = layer.trained(Samples.batch(key.hashCode(), features), Samples.NOW);
            StepRecord step = requireNonNull(recorded(key));
            assertThat(step.version()).isEqualTo(layer.version());
            assertThat(step.running()).usingRecursiveComparison().isEqualTo(layer.running());
            assertThat(step.parameters()).usingRecursiveComparison().isEqualTo(layer.parameters());
            assertThat(step.config()).isEqualTo(layer.config());
        }
    }

    @Test
    void reportsAnUnreachableServer() {
        assertThatExceptionOfType(StoreRefused.class)
                .isThrownBy(() -> PostgresServer.open(PostgresServer.url(database, 1)))
                .withMessageContaining("does not respond");
    }

    @Test
    void seesWhatAnotherReplicaDid() {
        try (PostgresLayerStore other = PostgresServer.open(PostgresServer.url(database))) {
            assertThat(other.secret()).isEqualTo(store.secret());
            Layer made = Samples.create(store, Samples.layer(NAME, 2));
            assertSame(other.read(NAME).orElseThrow(), made);
            assertThat(new TrainingClient(other, NAME).step("key", Samples.batch(0, 2)))
                    .isEqualTo(2);
            assertThat(read().version()).isEqualTo(2);
            assertThat(new TrainingClient(store, NAME).step("key", Samples.batch(0, 2)))
                    .isEqualTo(2);
            store.write(
                    NAME,
                    transaction -> {
                        transaction.delete();
                        return null;
                    });
            assertThat(other.read(NAME)).isEmpty();
            Layer again = Samples.create(store, Samples.layer(NAME, 3));
            assertSame(other.read(NAME).orElseThrow(), again);
        }
    }

    @Test
    void aNameIsGivenOnceAmongReplicas() throws Exception {
        AtomicInteger created = new AtomicInteger();
        try (PostgresLayerStore other = PostgresServer.open(PostgresServer.url(database))) {
            List<LayerStore> replicas = List.of(store, other);
            for (int round = 0; round < 50; round++) {
                String name = "layer-" + round;
                Writers.inParallel(4, writer -> create(replicas.get(writer % 2), name, created));
            }
        }
        assertThat(created).hasValue(50);
        assertThat(store.list(100, null)).hasSize(50);
    }

    private static Object create(LayerStore store, String name, AtomicInteger created) {
        Layer layer = Samples.layer(Samples.name(name), 2);
        try {
            store.write(
                    layer.name(),
                    transaction -> {
                        if (transaction.layer() != null) {
                            throw new LayerExists(layer.name());
                        }
                        transaction.put(layer);
                        return null;
                    });
            return created.incrementAndGet();
        } catch (LayerExists expected) {
            return expected;
        }
    }

    @Test
    void twoReplicasTrainOneLayer() throws Exception {
        Layer first = Samples.create(store, Samples.layer(NAME, 8));
        History history = new History();
        try (PostgresLayerStore other = PostgresServer.open(PostgresServer.url(database))) {
            List<LayerStore> replicas = List.of(store, other);
            Writers.inParallel(16, writer -> train(replicas.get(writer % 2), history, writer));
            assertThat(other.commits()).isBetween(1L, 700L);
            assertThat(history.violations(first, other.read(NAME).orElseThrow())).isEmpty();
        }
        assertThat(history.violations(first, read())).isEmpty();
    }

    private static Object train(LayerStore store, History history, int writer) {
        TrainingClient client = new TrainingClient(store, NAME);
        for (int i = 0; i < 100; i++) {
            String key = writer + "-" + i;
            BatchStatistics batch = Samples.batch(key.hashCode(), 8);
            history.add(client.persist(key, batch));
        }
        return history;
    }

    @Test
    void aDamagedLayerHurtsNoOther() {
        Samples.create(store, Samples.layer(NAME, 300));
        Samples.create(store, Samples.layer(Samples.name("other"), 300));
        PostgresServer.execute(
                database,
                "UPDATE layers SET version = version + 1, running_mean = set_byte(running_mean, 7, 1)"
                        + " WHERE name = 'layer'");
        assertThatExceptionOfType(LayerCorrupt.class).isThrownBy(() -> store.read(NAME));
        assertThatExceptionOfType(LayerCorrupt.class)
                .isThrownBy(() -> new TrainingClient(store, NAME).step(Samples.batch(0, 300)));
        TrainingClient other = new TrainingClient(store, Samples.name("other"));
        assertThat(other.step(Samples.batch(0, 300))).isEqualTo(2);
    }

    @Test
    void survivesTheEndOfEveryConnection() {
        Samples.create(store, Samples.layer(NAME, 2));
        TrainingClient client = new TrainingClient(store, NAME);
        client.step("a", Samples.batch(0, 2));
        assertThat(read().version()).isEqualTo(2);
        PostgresServer.endConnections(database);
        assertThat(read().version()).isEqualTo(2);
        assertThat(client.step("b", Samples.batch(1, 2))).isEqualTo(3);
    }

    @Test
    void aLockThatIsHeldElsewhereEndsInAClearAnswer() throws Exception {
        Samples.create(store, Samples.layer(NAME, 2));
        try (PostgresLayerStore hasty =
                        new PostgresLayerStore(
                                PostgresServer.settings(
                                        PostgresServer.url(database),
                                        KeyLimits.DEFAULT,
                                        Duration.ofSeconds(1)),
                                Samples.CLOCK);
                var holder = DriverManager.getConnection(PostgresServer.url(database));
                var statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            statement.execute("SELECT 1 FROM layers FOR UPDATE");
            assertThatExceptionOfType(Overloaded.class)
                    .isThrownBy(() -> new TrainingClient(hasty, NAME).step(Samples.batch(0, 2)))
                    .withMessageContaining("nothing was changed");
            holder.rollback();
            assertThat(new TrainingClient(hasty, NAME).step(Samples.batch(0, 2))).isEqualTo(2);
        }
    }
}
