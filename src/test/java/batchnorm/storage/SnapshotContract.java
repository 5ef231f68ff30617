package batchnorm.storage;

import static batchnorm.storage.LayerStoreContract.NAME;
import static batchnorm.storage.LayerStoreContract.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.layer.ContextStore;
import batchnorm.layer.Layer;
import batchnorm.layer.LayerStore;
import batchnorm.layer.Layers;
import batchnorm.layer.Precondition;
import batchnorm.layer.Replica;
import batchnorm.layer.Snapshot;
import batchnorm.layer.SnapshotLimit;
import batchnorm.layer.SnapshotNotFound;
import batchnorm.layer.SnapshotSummary;
import batchnorm.layer.Snapshots;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The contract of every store for snapshots.
abstract class SnapshotContract {
    private LayerStore store;
    private Layers layers;
    private Snapshots snapshots;

    /// Opens the store of this test, with its earlier contents.
    abstract LayerStore open();

    abstract void close(LayerStore store);

    @BeforeEach
    void openStore() {
        store = open();
        ContextStore contexts =
                new ContextStore(
                        1, Duration.ofDays(1), Samples.CLOCK, new Replica("here", new byte[32]));
        layers = new Layers(store, contexts, Samples.CLOCK);
        snapshots = new Snapshots(layers, store, 3);
    }

    @AfterEach
    void closeStore() {
        close(store);
    }

    private void reopen() {
        closeStore();
        openStore();
    }

    @Test
    void keepsAVersionThroughARestart() {
        Layer kept = Samples.create(store, Samples.layer(NAME, 3));
        SnapshotSummary taken = snapshots.take(NAME, "before");
        new TrainingClient(store, NAME).step("key", Samples.batch(0, 3));
        reopen();
        assertThat(snapshots.list(NAME)).containsExactly(taken);
        assertThat(snapshots.get(NAME, 1).summary()).isEqualTo(taken);
        assertSame(snapshots.get(NAME, 1).layer(), kept);
    }

    @Test
    void restoresAVersionAsTheNext() {
        Layer kept = Samples.create(store, Samples.layer(NAME, 3));
        snapshots.take(NAME, null);
        new TrainingClient(store, NAME).step(Samples.batch(0, 3));
        Layer restored = snapshots.restore(NAME, 1, Precondition.NONE);
        reopen();
        assertThat(restored.version()).isEqualTo(3);
        assertThat(restored.batches()).isZero();
        assertThat(restored.incarnation()).isEqualTo(kept.incarnation());
        assertSame(layers.get(NAME), restored);
    }

    @Test
    void neverGivesAnIdAgain() {
        Samples.create(store, Samples.layer(NAME, 2));
        snapshots.take(NAME, null);
        snapshots.take(NAME, null);
        snapshots.delete(NAME, 2);
        reopen();
        assertThat(snapshots.take(NAME, null).id()).isEqualTo(3);
        assertThat(snapshots.list(NAME)).extracting(SnapshotSummary::id).containsExactly(1L, 3L);
        assertThatThrownBy(() -> snapshots.delete(NAME, 2)).isInstanceOf(SnapshotNotFound.class);
    }

    @Test
    void keepsNoMoreThanItMay() {
        Samples.create(store, Samples.layer(NAME, 2));
        for (int i = 0; i < 3; i++) {
            snapshots.take(NAME, null);
        }
        assertThatThrownBy(() -> snapshots.take(NAME, null)).isInstanceOf(SnapshotLimit.class);
        snapshots.delete(NAME, 1);
        assertThat(snapshots.take(NAME, null).id()).isEqualTo(4);
    }

    @Test
    void deletesThemWithTheLayer() {
        Samples.create(store, Samples.layer(NAME, 2));
        snapshots.take(NAME, "of the first");
        layers.delete(NAME, Precondition.NONE);
        Samples.create(store, Samples.layer(NAME, 2));
        assertThat(snapshots.list(NAME)).isEmpty();
        assertThat(snapshots.take(NAME, null).id()).isEqualTo(1);
    }

    @Test
    void seesWhatTheSameTransactionHasDone() {
        Samples.create(store, Samples.layer(NAME, 2));
        boolean seen =
                store.write(
                        NAME,
                        transaction -> {
                            Layer layer = Objects.requireNonNull(transaction.layer());
                            long id = transaction.nextSnapshot();
                            transaction.keep(new Snapshot(id, null, Samples.NOW, layer));
                            boolean there = transaction.snapshot(id) != null;
                            transaction.drop(id);
                            return there && transaction.snapshots().isEmpty();
                        });
        assertThat(seen).isTrue();
        assertThat(snapshots.take(NAME, null).id()).isEqualTo(2);
    }

    @Test
    void keepsNothingOfAWorkThatFails() {
        Samples.create(store, Samples.layer(NAME, 2));
        assertThatThrownBy(() ->
                        store.write(
                                NAME,
                                transaction -> {
                                    transaction.drop(transaction.nextSnapshot());
                                    throw new IllegalStateException("on purpose");
                                }))
                .hasMessage("on purpose");
        assertThat(snapshots.take(NAME, null).id()).isEqualTo(1);
    }
}
