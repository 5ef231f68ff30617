package batchnorm.web.api;

import batchnorm.tensor.Tensor;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// A member's shard of a training step, or its moments.
@TensorBody
public record SyncForwardTrainRequest(
        @Nullable Tensor input,
        @Unwrapped MemberStep member,
        @DefaultValue("true") boolean saveContext,
        @DefaultValue("true") boolean returnStatistics,
        @Unwrapped MomentsFields moments)
        implements ApiRequest {}
