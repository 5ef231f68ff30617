package batchnorm.storage;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.layer.ContextStore;
import batchnorm.layer.Layer;
import batchnorm.layer.LayerName;
import batchnorm.layer.LayerStore;
import batchnorm.layer.Layers;
import batchnorm.layer.OptimizerState;
import batchnorm.layer.Precondition;
import batchnorm.layer.Replica;
import batchnorm.layer.Snapshots;
import batchnorm.layer.StorageQuotaExceeded;
import batchnorm.layer.StorageUsage;
import batchnorm.optimizer.Memory;
import java.time.Duration;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The contract of every store for quotas. A layer of 64 features, or a snapshot of it, counts 512
/// + 4·64·8 = 2560 bytes. A step recorded whole counts 512 + 6·64·8 = 3584.
abstract class StorageQuotaContract {
    private static final int FEATURES = 64;
    private static final int LAYER = 2560;
    private static final int STEP = 3584;
    private static final LayerName A = Samples.name("a");
    private static final LayerName B = Samples.name("b");
    private static final LayerName C = Samples.name("c");

    /// Two layers of two snapshots each; three rows of one layer; ten steps.
    private static final StorageQuota QUOTA = new StorageQuota(6 * LAYER, 3 * LAYER);

    private static final KeyLimits KEYS = new KeyLimits(Duration.ofHours(1), 1000, 10 * STEP);

    private LayerStore store;
    private Layers layers;
    private Snapshots snapshots;

    /// Opens the store of this test, with its earlier contents.
    abstract LayerStore open(KeyLimits keys, StorageQuota quota);

    abstract void close(LayerStore store);

    @BeforeEach
    void openStore() {
        store = open(KEYS, QUOTA);
        ContextStore contexts =
                new ContextStore(
                        1, Duration.ofDays(1), Samples.CLOCK, new Replica("here", new byte[32]));
        layers = new Layers(store, contexts, Samples.CLOCK);
        snapshots = new Snapshots(layers, store, 100);
    }

    @AfterEach
    void closeStore() {
        close(store);
    }

    @Test
    void countsWhatThereIs() {
        create(A);
        snapshots.take(A, null);
        step(A, "one");
        assertThat(store.usage()).isEqualTo(new StorageUsage(2 * LAYER, STEP));
        double[] vector = new double[FEATURES];
        OptimizerState state =
                new OptimizerState(new Memory(Memory.Kind.SGD, 1, vector, null), null);
        for (int i = 0; i < 3; i++) {
            store.write(
                    A,
                    transaction -> {
                        transaction.put(trained(requireNonNull(transaction.layer())));
                        transaction.remember(state);
                        return true;
                    });
        }
        assertThat(store.usage().registryBytes()).isEqualTo(2 * LAYER + 512 + 8 * FEATURES);
        closeStore();
        openStore();
        assertThat(store.usage().registryBytes()).isEqualTo(2 * LAYER + 512 + 8 * FEATURES);
        snapshots.delete(A, 1);
        assertThat(store.usage().registryBytes()).isEqualTo(LAYER + 512 + 8 * FEATURES);
        layers.delete(A, Precondition.NONE);
        assertThat(store.usage()).isEqualTo(new StorageUsage(0, 0));
    }

    private static Layer trained(Layer layer) {
        return layer.trained(Samples.batch(1, FEATURES), Samples.NOW);
    }

    @Test
    void refusesWhatWouldExceedTheTotal() {
        create(A);
        create(B);
        for (LayerName name : new LayerName[] {A, A, B, B}) {
            snapshots.take(name, null);
        }
        assertThatThrownBy(() -> create(C))
                .isInstanceOf(StorageQuotaExceeded.class)
                .hasMessageContaining("BATCHNORM_MAX_STORED_BYTES")
                .hasMessageContaining("nothing was changed");
        assertThat(store.read(C)).isEmpty();
        assertThat(store.usage().registryBytes()).isEqualTo(6 * LAYER);
        step(A, null); // needs no more bytes
        step(A, "key");
        snapshots.delete(B, 1);
        create(C);
    }

    @Test
    void refusesWhatWouldExceedTheShareOfALayer() {
        create(A);
        snapshots.take(A, null);
        snapshots.take(A, null);
        assertThatThrownBy(() -> snapshots.take(A, null))
                .isInstanceOf(StorageQuotaExceeded.class)
                .hasMessageContaining("BATCHNORM_MAX_LAYER_BYTES");
        assertThat(snapshots.list(A)).hasSize(2);
        create(B);
        snapshots.restore(A, 1, Precondition.NONE);
    }

    @Test
    void aStoreThatIsOverAQuotaThatWasLoweredStillTrainsAndDeletes() {
        create(A);
        create(B);
        closeStore();
        store = open(KEYS, new StorageQuota(LAYER, LAYER));
        step(A, "key");
        store.write(
                A,
                transaction -> {
                    transaction.delete();
                    return true;
                });
        assertThat(store.usage()).isEqualTo(new StorageUsage(LAYER, 0));
    }

    @Test
    void forgetsTheOldestKeysBeyondTheirBytes() {
        create(A);
        IntStream.range(0, 25).forEach(i -> step(A, "key-" + i));
        assertThat(store.usage().keyBytes()).isEqualTo(10 * STEP);
        assertThat(IntStream.range(0, 25).filter(i -> isRecorded("key-" + i)))
                .containsExactly(15, 16, 17, 18, 19, 20, 21, 22, 23, 24);
    }

    @Test
    void refusesAStepWhoseRecordIsLargerThanAllKeysMayBe() {
        create(A);
        closeStore();
        store = open(new KeyLimits(Duration.ofHours(1), 1000, STEP - 1), QUOTA);
        assertThatThrownBy(() -> step(A, "key"))
                .isInstanceOf(StorageQuotaExceeded.class)
                .hasMessageContaining("BATCHNORM_MAX_KEY_BYTES")
                .hasMessageContaining("without an Idempotency-Key");
        assertThat(store.read(A).orElseThrow().version()).isEqualTo(1);
        step(A, null);
    }

    private void create(LayerName name) {
        Samples.create(store, Samples.layer(name, FEATURES));
    }

    private void step(LayerName name, @Nullable String key) {
        TrainingClient client = new TrainingClient(store, name);
        if (key == null) {
            client.step(Samples.batch(1, FEATURES));
        } else {
            client.step(key, Samples.batch(1, FEATURES));
        }
    }

    private boolean isRecorded(String key) {
        return store.step(store.read(A).orElseThrow(), key).isPresent();
    }
}
