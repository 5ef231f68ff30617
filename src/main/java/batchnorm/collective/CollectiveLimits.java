package batchnorm.collective;

import java.time.Duration;

/// How much may be open at the same time, and how long.
///
/// @param groups that may be open
/// @param accumulations that may be open
/// @param timeToLive of one that nobody uses
public record CollectiveLimits(int groups, int accumulations, Duration timeToLive) {}
