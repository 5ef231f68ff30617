package batchnorm.layer;

import batchnorm.layer.LayerStore.Transaction;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Versions of layers that were put aside: durable, a bounded number for each layer, gone with it.
public final class Snapshots {
    private final Layers layers;
    private final LayerStore store;
    private final int most;

    /// @param most snapshots that one layer may have
    public Snapshots(Layers layers, LayerStore store, int most) {
        this.layers = layers;
        this.store = store;
        this.most = most;
    }

    /// Puts the layer's current version aside.
    ///
    /// @throws LayerNotFound, SnapshotLimit
    public SnapshotSummary take(LayerName name, @Nullable String label) {
        return with(
                name,
                transaction -> {
                    Layer layer = Layers.current(name, transaction);
                    if (transaction.snapshots().size() >= most) {
                        throw new SnapshotLimit(name, most);
                    }
                    long id = transaction.nextSnapshot();
                    Snapshot snapshot = new Snapshot(id, label, layers.now(), layer);
                    transaction.keep(snapshot);
                    return snapshot.summary();
                });
    }

    /// The oldest first.
    ///
    /// @throws LayerNotFound
    public List<SnapshotSummary> list(LayerName name) {
        return store.snapshots(layers.get(name));
    }

    /// @throws LayerNotFound, SnapshotNotFound
    public Snapshot get(LayerName name, long id) {
        return snapshot(layers.get(name), id);
    }

    /// Makes the layer what it was, knobs and all, as its next version.
    ///
    /// @throws LayerNotFound, SnapshotNotFound, VersionMismatch
    public Layer restore(LayerName name, long id, Precondition precondition) {
        return with(
                name,
                transaction -> {
                    Layer current = Layers.current(name, transaction);
                    precondition.check(current);
                    Layer next =
                            current.restored(snapshot(name, id, transaction).layer(), layers.now());
                    transaction.put(next);
                    return next;
                });
    }

    /// @throws LayerNotFound, SnapshotNotFound
    public void delete(LayerName name, long id) {
        with(
                name,
                transaction -> {
                    boolean known =
                            transaction.snapshots().stream()
                                    .anyMatch(snapshot -> snapshot.id() == id);
                    if (!known) {
                        throw new SnapshotNotFound(name, id);
                    }
                    transaction.drop(id);
                    return id;
                });
    }

    /// How two versions differ.
    ///
    /// @param to null for the layer as it is
    /// @throws LayerNotFound, SnapshotNotFound
    public Comparison compare(LayerName name, @Nullable Long from, @Nullable Long to) {
        Layer layer = layers.get(name);
        return Comparison.of(version(layer, from), version(layer, to));
    }

    private Layer version(Layer layer, @Nullable Long id) {
        return id == null ? layer : snapshot(layer, id).layer();
    }

    private Snapshot snapshot(Layer layer, long id) {
        return store.snapshot(layer, id).orElseThrow(() -> new SnapshotNotFound(layer.name(), id));
    }

    private static Snapshot snapshot(LayerName name, long id, Transaction transaction) {
        Snapshot snapshot = transaction.snapshot(id);
        if (snapshot == null) {
            throw new SnapshotNotFound(name, id);
        }
        return snapshot;
    }

    /// Runs a change. Reads do not come here: a long read on the writer would delay all commits.
    private <T> T with(LayerName name, Function<Transaction, T> work) {
        return store.write(
                name,
                transaction -> {
                    Layers.current(name, transaction);
                    return work.apply(transaction);
                });
    }
}
