package batchnorm.web.api;

import batchnorm.codec.InvalidField;
import batchnorm.layer.StatelessBackward;
import batchnorm.normalization.BatchStatistics;
import batchnorm.normalization.ForwardPass.Mode;
import batchnorm.normalization.Weighting;
import batchnorm.tensor.Tensor;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.PositiveOrZero;
import org.jspecify.annotations.Nullable;

/// A backward through the forward pass of a context, or through a recomputed one.
///
/// @param gradOutput of the output's shape
/// @param contextId of the forward pass; without it, `input` is required
/// @param mode of the recomputed forward pass: `train` by default
@TensorBody
public record BackwardRequest(
        Tensor gradOutput,
        @Nullable String contextId,
        @Nullable Tensor input,
        @Nullable Mode mode,
        double @Nullable [] batchMean,
        double @Nullable [] batchVar,
        @Mask @Nullable Tensor mask,
        @PositiveOrZero double @Nullable [] weights,
        @PositiveOrZero @DecimalMax("1") @Nullable Double statisticsBlend)
        implements ApiRequest {
    private static final String OF_CONTEXT =
            "\"%s\" goes with a backward without \"context_id\"; the context has its own";

    /// Returns the context of the backward.
    ///
    /// @return null for a backward without a context
    /// @throws InvalidField when the request has a field that the context already holds
    public @Nullable String onlyContext() {
        if (contextId != null) {
            rejectOfTraining(OF_CONTEXT);
            Conflicts.rejectPresent("input", input, OF_CONTEXT);
            Conflicts.rejectPresent("mode", mode, OF_CONTEXT);
            Conflicts.rejectPresent("statistics_blend", statisticsBlend, OF_CONTEXT);
        }
        return contextId;
    }

    /// Returns the forward pass to recompute.
    ///
    /// @throws InvalidField when its input is absent, or a field belongs to the other mode
    public StatelessBackward forward() {
        if (input == null) {
            throw new InvalidField(
                    "context_id",
                    "backward needs the \"context_id\" of a forward, or its \"input\"");
        }
        if (mode == Mode.INFER) {
            rejectOfTraining("\"%s\" belongs to mode \"train\", not to \"infer\"");
        } else {
            Conflicts.rejectPresent(
                    "statistics_blend",
                    statisticsBlend,
                    "\"%s\" belongs to mode \"infer\", not to \"train\"");
        }
        return new StatelessBackward(
                input,
                mode == null ? Mode.TRAIN : mode,
                batch(),
                new Weighting(mask, weights),
                statisticsBlend);
    }

    private void rejectOfTraining(String sentence) {
        Conflicts.rejectPresent("batch_mean", batchMean, sentence);
        Conflicts.rejectPresent("batch_var", batchVar, sentence);
        Conflicts.rejectPresent("mask", mask, sentence);
        Conflicts.rejectPresent("weights", weights, sentence);
    }

    private @Nullable BatchStatistics batch() {
        if (batchMean == null && batchVar == null) {
            return null;
        }
        if (batchMean == null || batchVar == null) {
            throw new InvalidField(
                    batchMean == null ? "batch_mean" : "batch_var",
                    "\"batch_mean\" and \"batch_var\" require each other");
        }
        return new BatchStatistics(0, batchMean, batchVar);
    }
}
