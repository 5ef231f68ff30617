package batchnorm.storage;

import java.time.Duration;

/// The limits of changes that wait for a commit.
///
/// @param waiting the maximum number of waiting changes; more are rejected
/// @param together the maximum number of changes in one transaction
/// @param deadline the maximum wait of a caller for a durable change
public record WriteLimits(int waiting, int together, Duration deadline) {
    public static final WriteLimits DEFAULT = new WriteLimits(1024, 256, Duration.ofSeconds(10));

    public WriteLimits {
        if (waiting < 1 || together < 1 || !deadline.isPositive()) {
            throw new IllegalArgumentException("limits of writes must be 1 or more");
        }
    }
}
