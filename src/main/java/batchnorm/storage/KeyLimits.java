package batchnorm.storage;

import java.time.Duration;

/// The limits of recorded idempotency keys.
///
/// @param lifetime the minimum lifetime, within the other limits
/// @param number the maximum number over all layers; the newest are kept
/// @param bytes the maximum bytes of records over all layers; the newest are kept
public record KeyLimits(Duration lifetime, long number, long bytes) {
    public static final KeyLimits DEFAULT = new KeyLimits(Duration.ofHours(24), 100_000, 1L << 30);

    /// Creates limits with the default number of bytes.
    public KeyLimits(Duration lifetime, long number) {
        this(lifetime, number, DEFAULT.bytes());
    }

    public KeyLimits {
        if (!lifetime.isPositive() || number < 1 || bytes < 1) {
            throw new IllegalArgumentException("limits of idempotency keys must be 1 or more");
        }
    }
}
