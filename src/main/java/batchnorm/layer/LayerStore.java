package batchnorm.layer;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Where layers are kept. What [#write] has answered is durable, and every later [#read] sees it.
public interface LayerStore {

    /// Runs a change of one layer, alone among the changes of that layer, and makes it durable
    /// before it answers.
    ///
    /// The work is quick (no tensors), may run on another thread, may be run again when an attempt
    /// came to nothing, and changes nothing at all when it throws: its exception reaches the
    /// caller.
    ///
    /// @throws CommitOutcomeUnknown when nobody can say whether the change was made
    /// @throws StorageFull when there is no room; nothing was changed
    /// @throws StorageQuotaExceeded when layers, or one layer, would take too many bytes
    /// @throws Overloaded when too many changes wait; nothing was changed
    default <T extends @Nullable Object> T write(LayerName name, Function<Transaction, T> work) {
        return writeAll(Set.of(name), transactions -> work.apply(transactions.of(name)));
    }

    /// Runs a change of several layers as one, alone among the changes of each: all of it is
    /// durable before this answers, or none of it was made. Else as [#write].
    ///
    /// @param names of one layer or more; the work touches no other
    <T extends @Nullable Object> T writeAll(Set<LayerName> names, Function<Transactions, T> work);

    Optional<Layer> read(LayerName name);

    /// Bytes of the vectors of a layer: gamma, beta, running mean and running variance.
    ///
    /// @param features null where none were decided
    static long vectorBytes(@Nullable Integer features) {
        return features == null ? 0 : 4L * Double.BYTES * features;
    }

    /// Bytes of the vectors of a layer, found without reading one; 0 where there is none.
    long vectorBytes(LayerName name);

    /// Bytes that are held while a layer is read: its vectors and the row they come from.
    default long bytesToRead(LayerName name) {
        return vectorBytes(name) / 4 * 5; // one column at a time
    }

    /// Announces vectors that the caller is about to make for a layer which has none yet.
    ///
    /// @throws Overloaded when there is no memory for them
    default void announce(LayerName name, int features) {}

    /// What was recorded under an idempotency key for this incarnation of a layer.
    Optional<StepRecord> step(Layer layer, String key);

    /// The snapshots of this incarnation of a layer, the oldest first; no vector is read. Reads
    /// need no transaction: a snapshot never changes.
    List<SnapshotSummary> snapshots(Layer layer);

    /// One of the snapshots of this incarnation.
    Optional<Snapshot> snapshot(Layer layer, long id);

    /// A page of all layers, ordered by name.
    ///
    /// @param after the last name of the page before, or null for the first page
    List<LayerSummary> list(int limit, @Nullable LayerName after);

    /// Whether changes are possible; if not, only a restart of the process helps.
    boolean isUsable();

    /// Whether a change would be made now, as far as can be told without making one: the store is
    /// usable, its disk has room, its server answers. Unlike [#isUsable] this may pass by itself.
    boolean takesChanges();

    /// What it has done so far.
    StoreActivity activity();

    /// Bytes that layers and keys take, of all replicas.
    StorageUsage usage();

    /// A secret of this registry, the same for all that share it and after every restart.
    byte[] secret();

    /// The layers inside a transaction, each by its name.
    interface Transactions {
        Transaction of(LayerName name);
    }

    /// One layer inside a transaction.
    interface Transaction {
        /// Its current version, as left by the transaction before, or null when there is none.
        @Nullable Layer layer();

        void put(Layer next);

        /// Deletes the layer, its steps and its snapshots.
        void delete();

        /// What was recorded under an idempotency key for this incarnation, or null.
        @Nullable StepRecord step(String key);

        void record(StepRecord step);

        /// What optimizers remember of this incarnation, or null when none has made a step.
        @Nullable OptimizerState optimizer();

        void remember(OptimizerState state);

        /// The snapshots of this layer, the oldest first.
        List<SnapshotSummary> snapshots();

        /// One of this layer's snapshots, or null.
        @Nullable Snapshot snapshot(long id);

        /// An id that no snapshot of this layer ever had.
        long nextSnapshot();

        void keep(Snapshot snapshot);

        void drop(long id);
    }
}
