package batchnorm.web.api;

import batchnorm.layer.Updated;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.Positive;
import org.jspecify.annotations.Nullable;

/// Gamma and beta after a step.
@Schema(name = "Parameters")
public record ParametersAnswer(
        double @Nullable [] gamma, double @Nullable [] beta, @Positive long version)
        implements ApiAnswer {

    public static ParametersAnswer of(Updated updated) {
        return new ParametersAnswer(
                updated.parameters().gamma(), updated.parameters().beta(), updated.version());
    }
}
