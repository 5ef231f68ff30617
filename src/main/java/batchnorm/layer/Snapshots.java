package batchnorm.layer;

import batchnorm.layer.LayerStore.Transaction;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Durable saved versions of layers, a bounded number per layer, deleted with the layer.
public final class Snapshots {
    private final Layers layers;
    private final LayerStore store;
    private final int maximum;

    /// @param maximum snapshots per layer
    public Snapshots(Layers layers, LayerStore store, int maximum) {
        this.layers = layers;
        this.store = store;
        this.maximum = maximum;
    }

    /// Saves the layer's current version.
    ///
    /// @throws LayerNotFound, SnapshotLimit
    public SnapshotSummary take(LayerName name, @Nullable String label) {
        return with(
                name,
                transaction -> {
                    Layer layer = Layers.current(name, transaction);
                    if (transaction.snapshots().size() >= maximum) {
                        throw new SnapshotLimit(name, maximum);
                    }
                    long id = transaction.nextSnapshot();
                    Snapshot snapshot = new Snapshot(id, label, layers.now(), layer);
                    transaction.keep(snapshot);
                    return snapshot.summary();
                });
    }

    /// Returns the snapshots, oldest first.
    ///
    /// @throws LayerNotFound
    public List<SnapshotSummary> list(LayerName name) {
        return store.snapshots(layers.get(name));
    }

    /// @throws LayerNotFound, SnapshotNotFound
    public Snapshot get(LayerName name, long id) {
        return snapshot(layers.get(name), id);
    }

    /// Restores the knobs and vectors of a snapshot as the layer's next version.
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

    /// Returns the differences between two versions.
    ///
    /// @param from null for the current version
    /// @param to null for the current version
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

    /// Runs a change. Reads bypass the writer, because a long read would delay all commits.
    private <T> T with(LayerName name, Function<Transaction, T> work) {
        return store.write(
                name,
                transaction -> {
                    Layers.current(name, transaction);
                    return work.apply(transaction);
                });
    }
}
