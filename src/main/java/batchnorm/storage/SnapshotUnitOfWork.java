package batchnorm.storage;

import batchnorm.layer.Snapshot;
import batchnorm.layer.SnapshotSummary;
import java.util.Collection;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The changes of a batch to one layer's snapshots.
final class SnapshotUnitOfWork {
    private final NavigableMap<Long, SnapshotSummary> known;
    private final NavigableMap<Long, Snapshot> added;
    private final Set<Long> dropped;
    private final long takenBefore;
    private long taken;

    /// @param stored the stored snapshots
    /// @param taken the number ever taken
    SnapshotUnitOfWork(List<SnapshotSummary> stored, long taken) {
        this(new TreeMap<>(), new TreeMap<>(), new TreeSet<>(), taken, taken);
        stored.forEach(snapshot -> known.put(snapshot.id(), snapshot));
    }

    private SnapshotUnitOfWork(
            NavigableMap<Long, SnapshotSummary> known,
            NavigableMap<Long, Snapshot> added,
            Set<Long> dropped,
            long takenBefore,
            long taken) {
        this.known = known;
        this.added = added;
        this.dropped = dropped;
        this.takenBefore = takenBefore;
        this.taken = taken;
    }

    /// Returns the empty snapshots of a layer that is not stored yet.
    static SnapshotUnitOfWork none() {
        return new SnapshotUnitOfWork(List.of(), 0);
    }

    /// Returns a copy for a work that may fail.
    SnapshotUnitOfWork copy() {
        return new SnapshotUnitOfWork(
                new TreeMap<>(known),
                new TreeMap<>(added),
                new TreeSet<>(dropped),
                takenBefore,
                taken);
    }

    List<SnapshotSummary> list() {
        return List.copyOf(known.values());
    }

    boolean has(long id) {
        return known.containsKey(id);
    }

    /// Returns a snapshot taken in this batch and not stored yet, or null.
    @Nullable Snapshot fresh(long id) {
        return added.get(id);
    }

    long next() {
        return ++taken;
    }

    void add(Snapshot snapshot) {
        known.put(snapshot.id(), snapshot.summary());
        added.put(snapshot.id(), snapshot);
    }

    void drop(long id) {
        known.remove(id);
        if (added.remove(id) == null) {
            dropped.add(id);
        }
    }

    boolean isChanged() {
        return taken != takenBefore || !dropped.isEmpty();
    }

    long taken() {
        return taken;
    }

    Set<Long> dropped() {
        return dropped;
    }

    Collection<Snapshot> added() {
        return added.values();
    }
}
