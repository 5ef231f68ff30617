package batchnorm.layer;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Stores layers durably. A change is durable when [#write] returns, and visible to every later
/// [#read].
public interface LayerStore {

    /// Runs a change of one layer, serialized with the other changes of that layer. The change is
    /// durable on return.
    ///
    /// The work is fast (no tensors) and may run on another thread. It may run again after a failed
    /// attempt. If it throws, nothing is changed, and its exception reaches the caller.
    ///
    /// @throws CommitOutcomeUnknown when the store failed during the commit
    /// @throws StorageFull when the disk is full; nothing was changed
    /// @throws StorageQuotaExceeded when all layers, or this one, would exceed a quota of bytes
    /// @throws Overloaded when too many changes wait; nothing was changed
    default <T extends @Nullable Object> T write(LayerName name, Function<Transaction, T> work) {
        return writeAll(Set.of(name), transactions -> work.apply(transactions.of(name)));
    }

    /// Runs a change of several layers atomically, serialized with the other changes of each.
    /// Otherwise as [#write].
    ///
    /// @param names of one layer or more; the work touches no other
    <T extends @Nullable Object> T writeAll(Set<LayerName> names, Function<Transactions, T> work);

    Optional<Layer> read(LayerName name);

    /// Returns the bytes of the vectors of a layer: gamma, beta, running mean and running variance.
    ///
    /// @param features null when undecided
    static long vectorBytes(@Nullable Integer features) {
        return features == null ? 0 : 4L * Double.BYTES * features;
    }

    /// Returns the bytes of the vectors of a layer without reading them; 0 if it has none.
    long vectorBytes(LayerName name);

    /// Returns the bytes held while a layer is read: its vectors and their row.
    default long bytesToRead(LayerName name) {
        return vectorBytes(name) / 4 * 5; // one column at a time
    }

    /// Announces that the caller is about to allocate vectors for a layer without any.
    ///
    /// @throws Overloaded when they exceed the memory budget
    default void announce(LayerName name, int features) {}

    /// Returns the step recorded under an idempotency key for this incarnation of a layer.
    Optional<StepRecord> step(Layer layer, String key);

    /// Returns the snapshots of this incarnation of a layer, oldest first, without their vectors.
    /// Reads need no transaction because snapshots never change.
    List<SnapshotSummary> snapshots(Layer layer);

    /// Returns a snapshot of this incarnation.
    Optional<Snapshot> snapshot(Layer layer, long id);

    /// Returns a page of all layers, ordered by name.
    ///
    /// @param after the last name of the previous page, or null for the first page
    List<LayerSummary> list(int limit, @Nullable LayerName after);

    /// Returns whether a change is likely to succeed, and otherwise why not. May take a second,
    /// when a database server does not respond.
    StoreState state();

    StoreActivity activity();

    /// Returns the bytes of layers and keys, over all replicas.
    StorageUsage usage();

    /// Returns the number of layers and keys, and the bytes of the store. Counts them, so it is for
    /// monitoring only.
    StoreSize size();

    StoreConnections connections();

    /// Returns the secret of this registry, the same for all its replicas and across restarts.
    byte[] secret();

    /// The layers inside a transaction, by name.
    interface Transactions {
        Transaction of(LayerName name);
    }

    /// One layer inside a transaction.
    interface Transaction {
        /// Returns the current version, as left by the previous transaction, or null if there is
        /// none.
        @Nullable Layer layer();

        void put(Layer next);

        /// Deletes the layer, its steps and its snapshots.
        void delete();

        /// Returns the step recorded under an idempotency key for this incarnation, or null.
        @Nullable StepRecord step(String key);

        void record(StepRecord step);

        /// Returns the optimizer state of this incarnation, or null before the first step.
        @Nullable OptimizerState optimizer();

        void remember(OptimizerState state);

        /// Returns the snapshots of this layer, oldest first.
        List<SnapshotSummary> snapshots();

        /// Returns a snapshot of this layer, or null.
        @Nullable Snapshot snapshot(long id);

        /// Returns an id that no snapshot of this layer ever had.
        long nextSnapshot();

        void keep(Snapshot snapshot);

        void drop(long id);
    }
}
