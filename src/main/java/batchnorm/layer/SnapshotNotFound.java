package batchnorm.layer;

public final class SnapshotNotFound extends RuntimeException {
    private static final long serialVersionUID = 1;

    SnapshotNotFound(LayerName name, long id) {
        super("layer \"" + name + "\" has no snapshot " + id + "; list its snapshots to see which");
    }
}
