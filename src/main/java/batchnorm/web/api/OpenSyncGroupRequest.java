package batchnorm.web.api;

import batchnorm.collective.SyncGroups;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Positive;
import java.time.Duration;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// A synchronized group of workers.
///
/// @param timeoutSeconds the longest wait of a step for all shards
public record OpenSyncGroupRequest(
        @Min(1) @Max(SyncGroups.MAX_SIZE) long size,
        @Positive @DecimalMax("600") @DefaultValue("30") double timeoutSeconds)
        implements ApiRequest {
    private static final double MILLIS = 1e3;

    public Duration timeout() {
        return Duration.ofMillis((long) (timeoutSeconds * MILLIS));
    }
}
