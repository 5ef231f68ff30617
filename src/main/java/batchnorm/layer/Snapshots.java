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
        return with(name, Transaction::snapshots);
    }

    /// @throws LayerNotFound, SnapshotNotFound
    public Snapshot get(LayerName name, long id) {
        return with(name, transaction -> snapshot(name, id, transaction));
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
        return with(
                name,
                transaction ->
                        Comparison.of(
                                version(name, from, transaction), version(name, to, transaction)));
    }

    private static Layer version(LayerName name, @Nullable Long id, Transaction transaction) {
        return id == null
                ? Layers.current(name, transaction)
                : snapshot(name, id, transaction).layer();
    }

    private static Snapshot snapshot(LayerName name, long id, Transaction transaction) {
        Snapshot snapshot = transaction.snapshot(id);
        if (snapshot == null) {
            throw new SnapshotNotFound(name, id);
        }
        return snapshot;
    }

    /// Reads, too, go through a transaction of the layer: they see what was committed before them,
    /// and are too rare to hold up its steps.
    private <T> T with(LayerName name, Function<Transaction, T> work) {
        return store.write(
                name,
                transaction -> {
                    Layers.current(name, transaction);
                    return work.apply(transaction);
                });
    }
}
