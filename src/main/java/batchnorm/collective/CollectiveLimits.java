package batchnorm.collective;

import java.time.Duration;

/// The limits of open groups and accumulations.
///
/// @param groups the maximum number of open groups
/// @param accumulations the maximum number of open accumulations
/// @param timeToLive of an unused one
public record CollectiveLimits(int groups, int accumulations, Duration timeToLive) {}
