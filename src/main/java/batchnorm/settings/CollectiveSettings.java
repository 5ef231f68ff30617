package batchnorm.settings;

import batchnorm.collective.CollectiveLimits;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Positive;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.validation.annotation.Validated;

/// The limits of synchronized groups and accumulations.
///
/// @param maxGroups synchronized groups that may be open
/// @param maxAccumulations accumulations that may be open
/// @param timeToLive of an unused group or accumulation
@Validated
@ConfigurationProperties("batchnorm.collective")
public record CollectiveSettings(
        @Positive int maxGroups,
        @Positive int maxAccumulations,
        @NotNull @DurationMin(millis = 1) Duration timeToLive) {

    public CollectiveLimits limits() {
        return new CollectiveLimits(maxGroups, maxAccumulations, timeToLive);
    }
}
