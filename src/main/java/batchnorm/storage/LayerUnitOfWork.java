package batchnorm.storage;

import batchnorm.layer.Layer;
import batchnorm.layer.LayerName;
import batchnorm.layer.LayerStore.Transaction;
import batchnorm.layer.OptimizerState;
import batchnorm.layer.Snapshot;
import batchnorm.layer.SnapshotSummary;
import batchnorm.layer.StepRecord;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The changes of a batch to one layer. Works change it in memory, one after another, and the
/// result is saved once. Sixteen steps of one layer are one update of its row.
final class LayerUnitOfWork {
    private final LayerName name;
    private final StoredLayer stored;
    private final Session session;
    private @Nullable Layer layer;
    private boolean replaced;
    private boolean changed;
    private @Nullable OptimizerState optimizer;
    private final Map<String, StepRecord> steps = new LinkedHashMap<>();
    private @Nullable SnapshotUnitOfWork snapshots;

    LayerUnitOfWork(LayerName name, StoredLayer stored, Session session) {
        this.name = name;
        this.stored = stored;
        this.session = session;
        this.layer = stored.layer();
    }

    LayerName name() {
        return name;
    }

    /// Returns the layer to save, or null if there is none.
    @Nullable Layer layer() {
        return layer;
    }

    /// Returns the stored layer, or null if there is none.
    @Nullable Layer before() {
        return stored.layer();
    }

    /// Returns whether the stored layer and its steps are deleted before the save.
    boolean replaced() {
        return replaced;
    }

    /// Returns the steps to record, all of the layer to save.
    Collection<StepRecord> steps() {
        return steps.values();
    }

    /// Returns the optimizer state to save, or null if unchanged.
    @Nullable OptimizerState optimizer() {
        return optimizer;
    }

    /// Returns the layer's snapshots to save, or null if not loaded.
    @Nullable SnapshotUnitOfWork snapshots() {
        return snapshots;
    }

    private SnapshotUnitOfWork knownSnapshots() {
        if (snapshots == null) {
            Layer before = replaced ? null : stored.layer();
            snapshots =
                    before == null
                            ? SnapshotUnitOfWork.none()
                            : session.snapshots(before.incarnation());
        }
        return snapshots;
    }

    boolean isChanged() {
        return changed;
    }

    /// Returns whether the layer with its snapshots takes more bytes than before.
    boolean grows() {
        return RowBytes.of(layer) > RowBytes.of(stored.layer())
                || snapshots != null && !snapshots.added().isEmpty();
    }

    /// Starts the changes of one work, discarded unless accepted.
    Attempt attempt() {
        return new Attempt();
    }

    final class Attempt implements Transaction {
        private @Nullable Layer current = layer;
        private boolean cleared;
        private boolean touched;
        private @Nullable OptimizerState remembered;
        private final Map<String, StepRecord> recorded = new LinkedHashMap<>();
        private @Nullable SnapshotUnitOfWork own;

        @Override
        public @Nullable Layer layer() {
            return cleared || replaced || current != null ? current : stored.readable();
        }

        @Override
        public void put(Layer next) {
            if (!next.name().equals(name)) {
                throw new IllegalArgumentException(next.name() + " is not " + name);
            }
            layer(); // throws for a damaged layer, which must be deleted first
            current = next;
            touched = true;
        }

        @Override
        public void delete() {
            current = null;
            cleared = true;
            recorded.clear();
            remembered = null;
            own = SnapshotUnitOfWork.none();
            touched = true;
        }

        private SnapshotUnitOfWork own() {
            if (own == null) {
                own = knownSnapshots().copy();
            }
            return own;
        }

        @Override
        public List<SnapshotSummary> snapshots() {
            return own().list();
        }

        @Override
        public @Nullable Snapshot snapshot(long id) {
            Snapshot fresh = own().fresh(id);
            Layer before = stored.layer();
            return fresh != null || before == null || !own().has(id)
                    ? fresh
                    : session.snapshot(name, before.incarnation(), id);
        }

        @Override
        public long nextSnapshot() {
            return own().next();
        }

        @Override
        public void keep(Snapshot snapshot) {
            own().add(snapshot);
            touched = true;
        }

        @Override
        public void drop(long id) {
            own().drop(id);
            touched = true;
        }

        @Override
        public @Nullable StepRecord step(String key) {
            StepRecord own = recorded.get(key);
            if (own != null || cleared) {
                return own;
            }
            StepRecord earlier = steps.get(key);
            if (earlier != null || replaced || stored.layer() == null) {
                return earlier;
            }
            return session.step(name, stored.layer().incarnation(), key);
        }

        @Override
        public void record(StepRecord step) {
            recorded.put(step.key(), step);
            touched = true;
        }

        @Override
        public @Nullable OptimizerState optimizer() {
            if (remembered != null || cleared) {
                return remembered;
            }
            if (optimizer != null || replaced || stored.layer() == null) {
                return optimizer;
            }
            return session.optimizer(name, stored.layer().incarnation());
        }

        @Override
        public void remember(OptimizerState state) {
            remembered = state;
            touched = true;
        }

        void accept() {
            if (cleared) {
                replaced = true;
                steps.clear();
                optimizer = null;
            }
            layer = current;
            changed |= touched;
            steps.putAll(recorded);
            optimizer = remembered == null ? optimizer : remembered;
            snapshots = own == null ? snapshots : own;
        }
    }
}
