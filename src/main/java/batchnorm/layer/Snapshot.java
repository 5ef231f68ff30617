package batchnorm.layer;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A version of a layer that was put aside: knobs, parameters and running statistics.
///
/// @param id counts the snapshots of one layer, from 1, and never comes again
/// @param label what the caller calls it
public record Snapshot(long id, @Nullable String label, Instant takenAt, Layer layer) {
    public SnapshotSummary summary() {
        return new SnapshotSummary(
                id, label, takenAt, layer.version(), layer.features(), layer.batches());
    }
}
