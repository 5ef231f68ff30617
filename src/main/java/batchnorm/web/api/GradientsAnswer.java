package batchnorm.web.api;

import batchnorm.normalization.Gradients;
import batchnorm.tensor.Tensor;
import io.swagger.v3.oas.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/// The gradients of a backward.
///
/// @param gradGamma null in a layer without scale
/// @param gradBeta null in a layer without shift
@TensorBody(bareArray = false)
@Schema(name = "Gradients")
public record GradientsAnswer(
        Tensor gradInput, double @Nullable [] gradGamma, double @Nullable [] gradBeta)
        implements ApiAnswer {

    public static GradientsAnswer of(Gradients gradients) {
        return new GradientsAnswer(gradients.input(), gradients.gamma(), gradients.beta());
    }
}
