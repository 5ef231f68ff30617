package batchnorm.storage;

import java.time.Duration;

/// How long an idempotency key is remembered.
///
/// @param lifetime how long, at least, while there are not too many
/// @param number how many at most, over all layers: the newest
public record KeyLimits(Duration lifetime, long number) {
    public static final KeyLimits DEFAULT = new KeyLimits(Duration.ofHours(24), 100_000);

    public KeyLimits {
        if (!lifetime.isPositive() || number < 1) {
            throw new IllegalArgumentException("limits of idempotency keys must be 1 or more");
        }
    }
}
