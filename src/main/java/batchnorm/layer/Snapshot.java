package batchnorm.layer;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A saved version of a layer: knobs, parameters and running statistics.
///
/// @param id counts the snapshots of one layer from 1; never reused
/// @param label chosen by the client
public record Snapshot(long id, @Nullable String label, Instant takenAt, Layer layer) {
    public SnapshotSummary summary() {
        return new SnapshotSummary(
                id, label, takenAt, layer.version(), layer.features(), layer.batches());
    }
}
