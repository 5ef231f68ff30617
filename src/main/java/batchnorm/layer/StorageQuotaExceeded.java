package batchnorm.layer;

/// Thrown when a write would exceed a quota of bytes; nothing was changed. Writes that need no more
/// space, such as training steps and deletions, still work.
public final class StorageQuotaExceeded extends RuntimeException {
    private static final long serialVersionUID = 1;

    public StorageQuotaExceeded(String message) {
        super(message);
    }
}
