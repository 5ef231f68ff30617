package batchnorm.storage;

/// The maximum bytes of layers with their snapshots and optimizer state.
///
/// @param total of all layers together
/// @param perLayer of one layer
public record StorageQuota(long total, long perLayer) {
    public static final StorageQuota DEFAULT = new StorageQuota(10L << 30, 1L << 30);

    public StorageQuota {
        if (total < 1 || perLayer < 1) {
            throw new IllegalArgumentException("quotas of bytes must be 1 or more");
        }
    }
}
