package batchnorm.web.api;

import batchnorm.collective.SyncGradients;
import batchnorm.normalization.Moments;
import batchnorm.tensor.Tensor;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.PositiveOrZero;
import org.jspecify.annotations.Nullable;

/// The gradients of a group's backward for one member.
///
/// @param gradInput of the member's shard; absent if the member sent sums
@TensorBody(bareArray = false)
@Schema(name = "SyncGradients")
public record SyncGradientsAnswer(
        @OmitWhenNull @Nullable Tensor gradInput,
        double @Nullable [] gradGamma,
        double @Nullable [] gradBeta,
        double[] sumDy,
        double[] sumDyXmu,
        @PositiveOrZero @Max(Moments.MAX_COUNT) long count)
        implements ApiAnswer {

    public static SyncGradientsAnswer of(SyncGradients gradients) {
        return new SyncGradientsAnswer(
                gradients.input(),
                gradients.gamma(),
                gradients.beta(),
                gradients.total().sum(),
                gradients.total().product(),
                gradients.total().count());
    }
}
