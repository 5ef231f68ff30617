package batchnorm.storage;

import java.time.Duration;

/// How long an idempotency key is remembered.
///
/// @param lifetime how long, at least, while there are not too many
/// @param number how many at most, over all layers: the newest
/// @param bytes how many their records may take, over all layers: the newest
public record KeyLimits(Duration lifetime, long number, long bytes) {
    public static final KeyLimits DEFAULT = new KeyLimits(Duration.ofHours(24), 100_000, 1L << 30);

    /// With the default number of bytes.
    public KeyLimits(Duration lifetime, long number) {
        this(lifetime, number, DEFAULT.bytes());
    }

    public KeyLimits {
        if (!lifetime.isPositive() || number < 1 || bytes < 1) {
            throw new IllegalArgumentException("limits of idempotency keys must be 1 or more");
        }
    }
}
