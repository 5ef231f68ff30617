package batchnorm.storage;

import java.time.Duration;

/// How much may wait for a commit, and for how long.
///
/// @param waiting changes that may wait; one more is refused
/// @param together changes that are committed in one transaction at most
/// @param deadline how long a caller waits for its change to be durable
public record WriteLimits(int waiting, int together, Duration deadline) {
    public static final WriteLimits DEFAULT = new WriteLimits(1024, 256, Duration.ofSeconds(10));

    public WriteLimits {
        if (waiting < 1 || together < 1 || !deadline.isPositive()) {
            throw new IllegalArgumentException("limits of writes must be 1 or more");
        }
    }
}
