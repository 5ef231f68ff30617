package batchnorm.layer;

/// Thrown when the disk is full; nothing was changed.
public final class StorageFull extends RuntimeException {
    private static final long serialVersionUID = 1;

    public StorageFull(Throwable cause) {
        super("the store has no room left; nothing was changed, and reads go on", cause);
    }
}
