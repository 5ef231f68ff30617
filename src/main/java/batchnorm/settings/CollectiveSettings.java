package batchnorm.settings;

import batchnorm.collective.CollectiveLimits;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Positive;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.validation.annotation.Validated;

/// How many batches may be coming in parts at the same time, and how long.
///
/// @param maxGroups synchronized groups that may be open
/// @param maxAccumulations accumulations that may be open
/// @param timeToLive of a group or an accumulation that nobody uses
@Validated
@ConfigurationProperties("batchnorm.collective")
public record CollectiveSettings(
        @Positive int maxGroups, @Positive int maxAccumulations, @NotNull Duration timeToLive) {

    public CollectiveLimits limits() {
        return new CollectiveLimits(maxGroups, maxAccumulations, timeToLive);
    }
}
