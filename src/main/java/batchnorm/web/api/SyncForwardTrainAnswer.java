package batchnorm.web.api;

import batchnorm.collective.SyncTrained;
import batchnorm.layer.StepRecord;
import batchnorm.tensor.Tensor;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.Positive;
import jakarta.validation.constraints.PositiveOrZero;
import org.jspecify.annotations.Nullable;

/// The result of a group's training step for one member.
///
/// @param output of the member's shard; absent if the member sent moments
@TensorBody
public record SyncForwardTrainAnswer(
        @OmitWhenNull @Nullable Tensor output,
        long step,
        @Unwrapped @Nullable Statistics statistics,
        @PositiveOrZero @DecimalMax("1") @Nullable Double alpha,
        @Positive long version)
        implements ApiAnswer {

    public static SyncForwardTrainAnswer of(SyncTrained trained, SyncForwardTrainRequest request) {
        StepRecord step = trained.step();
        return new SyncForwardTrainAnswer(
                trained.output(),
                request.member().step(),
                request.returnStatistics() ? Statistics.of(step.batch(), step.running()) : null,
                step.running() == null ? null : (Double) step.alpha(),
                step.version());
    }
}
