package batchnorm.web.api;

import batchnorm.normalization.GradientCheck;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.PositiveOrZero;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The deviations of the gradients from finite differences.
///
/// @param worst null when no element was checked
/// @param step the relative step of the finite differences
@Schema(name = "GradientCheck")
public record GradientCheckAnswer(
        double maxRelativeError,
        @Nullable WorstDifference worst,
        List<TensorError> tensors,
        double step)
        implements ApiAnswer {

    @Schema(name = "Difference")
    public record WorstDifference(
            String tensor, List<@PositiveOrZero Long> index, double analytic, double numeric) {

        private static WorstDifference of(GradientCheck.OfTensor tensor) {
            GradientCheck.Difference worst = tensor.worst();
            return new WorstDifference(
                    tensor.name(),
                    worst.index().stream().map(Integer::longValue).toList(),
                    worst.analytic(),
                    worst.numeric());
        }
    }

    public record TensorError(String tensor, double maxRelativeError, long checked, long elements) {

        private static TensorError of(GradientCheck.OfTensor tensor) {
            return new TensorError(
                    tensor.name(),
                    tensor.worst().relativeError(),
                    tensor.checked(),
                    tensor.elements());
        }
    }

    public static GradientCheckAnswer of(GradientCheck check) {
        GradientCheck.OfTensor worst = check.worst();
        return new GradientCheckAnswer(
                worst == null ? 0 : worst.worst().relativeError(),
                worst == null ? null : WorstDifference.of(worst),
                check.tensors().stream().map(TensorError::of).toList(),
                GradientCheck.STEP);
    }
}
