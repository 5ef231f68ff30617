package batchnorm.layer;

/// A layer that has as many snapshots as it may.
public final class SnapshotLimit extends RuntimeException {
    private static final long serialVersionUID = 1;

    SnapshotLimit(LayerName name, int most) {
        super(
                "layer \""
                        + name
                        + "\" has "
                        + most
                        + " snapshots, which is all it may have; delete one that is not needed");
    }
}
