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

/// What a batch makes of one layer. Works change it in memory, each as the one before left it, and
/// the result is saved once: sixteen steps of one layer are one update of its row.
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

    /// The layer as it shall be, or null when there shall be none.
    @Nullable Layer layer() {
        return layer;
    }

    /// The layer as the store has it.
    @Nullable Layer before() {
        return stored.layer();
    }

    /// Whether what the store has under this name goes, with its steps, whatever comes in its
    /// place.
    boolean replaced() {
        return replaced;
    }

    /// Steps to be recorded, all of the layer as it shall be.
    Collection<StepRecord> steps() {
        return steps.values();
    }

    /// What optimizers remember, to be kept; null when that stays.
    @Nullable OptimizerState optimizer() {
        return optimizer;
    }

    /// The layer's snapshots as they shall be, or null when nobody asked for them.
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

    /// Whether the layer with its snapshots takes more room than before.
    boolean grows() {
        return RowBytes.of(layer) > RowBytes.of(stored.layer())
                || snapshots != null && !snapshots.added().isEmpty();
    }

    /// What one work makes of it, which counts only once it is accepted.
    Attempt attempt() {
        return new Attempt();
    }

    final class Attempt implements Transaction {
        private @Nullable Layer current = layer;
        private boolean cleared;
        private boolean touched;
        private @Nullable OptimizerState remembered;
        private final Map<String, StepRecord> recorded = new LinkedHashMap<>();
        private @Nullable SnapshotUnitOfWork mine;

        @Override
        public @Nullable Layer layer() {
            return cleared || replaced || current != null ? current : stored.readable();
        }

        @Override
        public void put(Layer next) {
            if (!next.name().equals(name)) {
                throw new IllegalArgumentException(next.name() + " is not " + name);
            }
            layer(); // a damaged layer is deleted first
            current = next;
            touched = true;
        }

        @Override
        public void delete() {
            current = null;
            cleared = true;
            recorded.clear();
            remembered = null;
            mine = SnapshotUnitOfWork.none();
            touched = true;
        }

        private SnapshotUnitOfWork mine() {
            if (mine == null) {
                mine = knownSnapshots().copy();
            }
            return mine;
        }

        @Override
        public List<SnapshotSummary> snapshots() {
            return mine().list();
        }

        @Override
        public @Nullable Snapshot snapshot(long id) {
            Snapshot fresh = mine().fresh(id);
            Layer before = stored.layer();
            return fresh != null || before == null || !mine().has(id)
                    ? fresh
                    : session.snapshot(name, before.incarnation(), id);
        }

        @Override
        public long nextSnapshot() {
            return mine().next();
        }

        @Override
        public void keep(Snapshot snapshot) {
            mine().add(snapshot);
            touched = true;
        }

        @Override
        public void drop(long id) {
            mine().drop(id);
            touched = true;
        }

        @Override
        public @Nullable StepRecord step(String key) {
            StepRecord mine = recorded.get(key);
            if (mine != null || cleared) {
                return mine;
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
            snapshots = mine == null ? snapshots : mine;
        }
    }
}
