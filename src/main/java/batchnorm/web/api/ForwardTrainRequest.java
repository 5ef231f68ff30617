package batchnorm.web.api;

import batchnorm.layer.Precondition;
import batchnorm.layer.TrainRequest;
import batchnorm.normalization.Weighting;
import batchnorm.tensor.Tensor;
import jakarta.validation.constraints.PositiveOrZero;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// A training step.
///
/// @param mask of the input's shape, or one that broadcasts to it
/// @param weights one per sample
@TensorBody
public record ForwardTrainRequest(
        Tensor input,
        @Mask @Nullable Tensor mask,
        @PositiveOrZero double @Nullable [] weights,
        @DefaultValue("true") boolean saveContext,
        @DefaultValue("true") boolean returnStatistics,
        @DefaultValue("true") boolean commit)
        implements ApiRequest {

    public TrainRequest step(Precondition ifMatch, Idempotency idempotency) {
        return new TrainRequest(
                saveContext,
                commit,
                new Weighting(mask, weights),
                ifMatch,
                idempotency.key(),
                idempotency.fingerprint());
    }
}
