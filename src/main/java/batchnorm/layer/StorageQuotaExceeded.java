package batchnorm.layer;

/// A write that would exceed a quota of bytes; nothing was changed. Writes that need no more room,
/// such as training steps and deletes, still work.
public final class StorageQuotaExceeded extends RuntimeException {
    private static final long serialVersionUID = 1;

    public StorageQuotaExceeded(String message) {
        super(message);
    }
}
