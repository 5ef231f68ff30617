package batchnorm.layer;

/// Thrown when a layer has the maximum number of snapshots.
public final class SnapshotLimit extends RuntimeException {
    private static final long serialVersionUID = 1;

    SnapshotLimit(LayerName name, int maximum) {
        super(
                "layer \""
                        + name
                        + "\" has "
                        + maximum
                        + " snapshots, which is all it may have; delete one that is not needed");
    }
}
