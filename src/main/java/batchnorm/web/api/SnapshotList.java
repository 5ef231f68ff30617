package batchnorm.web.api;

import batchnorm.layer.SnapshotSummary;
import java.util.List;

/// The snapshots of a layer.
public record SnapshotList(List<SnapshotEntry> snapshots) implements ApiAnswer {

    public static SnapshotList of(List<SnapshotSummary> snapshots) {
        return new SnapshotList(snapshots.stream().map(SnapshotEntry::of).toList());
    }
}
