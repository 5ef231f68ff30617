package batchnorm.web.api;

import batchnorm.collective.SyncGroups;
import batchnorm.collective.SyncPart;
import batchnorm.tensor.Tensor;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.PositiveOrZero;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// A member's shard of a training step, or its moments.
@TensorBody
public record SyncForwardTrainRequest(
        @Nullable Tensor input,
        @PositiveOrZero @Max(SyncGroups.MAX_SIZE - 1) int rank,
        long step,
        @DefaultValue("true") boolean saveContext,
        @DefaultValue("true") boolean returnStatistics,
        @Unwrapped MomentsFields moments)
        implements ApiRequest {

    public SyncPart part(RequestFingerprint fingerprint) {
        return new SyncPart(rank, step, fingerprint.value());
    }
}
