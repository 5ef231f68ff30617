package batchnorm.storage;

import batchnorm.layer.LayerName;
import batchnorm.layer.OptimizerState;
import batchnorm.layer.Snapshot;
import batchnorm.layer.StepRecord;
import java.util.Collection;
import java.util.Map;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/// A connection, as one batch uses it. Whatever fails before [#commit] changes nothing, and throws
/// a [SessionFailure].
interface Session extends AutoCloseable {

    /// Reads what the store has under these names, and keeps other writers away from it until the
    /// end.
    Map<LayerName, StoredLayer> begin(SortedSet<LayerName> names);

    @Nullable StepRecord step(LayerName name, String incarnation, String key);

    @Nullable OptimizerState optimizer(LayerName name, String incarnation);

    /// The snapshots of a layer, and how many were ever taken.
    SnapshotUnitOfWork snapshots(String incarnation);

    @Nullable Snapshot snapshot(LayerName name, String incarnation, long id);

    void save(Collection<LayerUnitOfWork> drafts);

    /// Makes what was saved durable. A failure whose outcome is not known tells so.
    void commit();

    /// Undoes what was not committed. Throws nothing.
    @Override
    void close();

    /// Where sessions come from.
    interface Source {
        Session open();
    }
}
