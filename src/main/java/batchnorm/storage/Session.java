package batchnorm.storage;

import batchnorm.layer.LayerName;
import batchnorm.layer.OptimizerState;
import batchnorm.layer.Snapshot;
import batchnorm.layer.StepRecord;
import java.util.Collection;
import java.util.Map;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/// A connection of one batch. A failure before [#commit] changes nothing and throws a
/// [SessionFailure].
interface Session extends AutoCloseable {

    /// Reads the layers of these names and excludes other writers of them until the end.
    Map<LayerName, StoredLayer> begin(SortedSet<LayerName> names);

    @Nullable StepRecord step(LayerName name, String incarnation, String key);

    @Nullable OptimizerState optimizer(LayerName name, String incarnation);

    /// Returns the snapshots of a layer and the number ever taken.
    SnapshotUnitOfWork snapshots(String incarnation);

    @Nullable Snapshot snapshot(LayerName name, String incarnation, long id);

    void save(Collection<LayerUnitOfWork> drafts);

    /// Makes the saved drafts durable.
    ///
    /// @throws SessionFailure with `CommitOutcomeUnknown` when the outcome is unknown
    void commit();

    /// Rolls back uncommitted changes. Throws nothing.
    @Override
    void close();

    /// Opens sessions.
    interface Source {
        Session open();
    }
}
