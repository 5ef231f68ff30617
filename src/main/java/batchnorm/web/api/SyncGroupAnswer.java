package batchnorm.web.api;

import batchnorm.collective.SyncGroup;
import batchnorm.collective.SyncGroups;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Positive;

/// An open group of workers.
@Schema(name = "SyncGroup")
public record SyncGroupAnswer(
        String groupId,
        String layer,
        @Min(1) @Max(SyncGroups.MAX_SIZE) long size,
        @Positive @DecimalMax("600") double timeoutSeconds)
        implements ApiAnswer {
    private static final double NANOS = 1e9;

    public static SyncGroupAnswer of(SyncGroup group) {
        return new SyncGroupAnswer(
                group.id(), group.layer().value(), group.size(), group.timeout().toNanos() / NANOS);
    }
}
