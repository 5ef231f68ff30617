package batchnorm.web.api;

import batchnorm.codec.InvalidField;
import batchnorm.layer.ParameterUpdate;
import batchnorm.layer.Precondition;
import batchnorm.optimizer.Adam;
import batchnorm.optimizer.Optimizer;
import batchnorm.optimizer.Sgd;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.PositiveOrZero;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// An optimizer step of gamma and beta. The defaults are those of `torch.optim`.
///
/// @param gradGamma as backward returns it; null or absent leaves gamma unchanged
/// @param restart whether to discard the optimizer's state first
public record ApplyGradientsRequest(
        double @Nullable [] gradGamma,
        double @Nullable [] gradBeta,
        OptimizerOptions optimizer,
        @DefaultValue("false") boolean restart)
        implements ApiRequest {
    private static final double ADAMW_DECAY = 0.01;

    public enum OptimizerKind {
        SGD,
        ADAM,
        ADAMW
    }

    @Schema(name = "Optimizer")
    public record OptimizerOptions(
            OptimizerKind kind,
            @PositiveOrZero double learningRate,
            @PositiveOrZero @Nullable Double weightDecay,
            @PositiveOrZero @Nullable Double momentum,
            @PositiveOrZero @Nullable Double dampening,
            @Nullable Boolean nesterov,
            @PositiveOrZero @DecimalMax(value = "1", inclusive = false) @Nullable Double beta1,
            @PositiveOrZero @DecimalMax(value = "1", inclusive = false) @Nullable Double beta2,
            @PositiveOrZero @Nullable Double epsilon) {

        Optimizer optimizer() {
            return switch (kind) {
                case SGD -> sgd();
                case ADAM -> adam(0, false);
                case ADAMW -> adam(ADAMW_DECAY, true);
            };
        }

        private Sgd sgd() {
            rejectForeign("beta1", beta1, "adam");
            rejectForeign("beta2", beta2, "adam");
            rejectForeign("epsilon", epsilon, "adam");
            return new Sgd(
                    learningRate,
                    orElse(momentum, 0),
                    orElse(weightDecay, 0),
                    Boolean.TRUE.equals(nesterov),
                    orElse(dampening, 0));
        }

        private Adam adam(double decay, boolean decoupled) {
            rejectForeign("momentum", momentum, "sgd");
            rejectForeign("dampening", dampening, "sgd");
            rejectForeign("nesterov", nesterov, "sgd");
            return new Adam(
                    learningRate,
                    orElse(beta1, 0.9),
                    orElse(beta2, 0.999),
                    orElse(epsilon, 1e-8),
                    orElse(weightDecay, decay),
                    decoupled);
        }

        /// Rejects an option of another optimizer, which would have no effect.
        private static void rejectForeign(String field, @Nullable Object value, String owner) {
            Conflicts.rejectPresent(
                    "optimizer." + field, value, "\"%s\" belongs to the kind \"" + owner + "\"");
        }

        private static double orElse(@Nullable Double value, double fallback) {
            return Objects.requireNonNullElse(value, fallback);
        }
    }

    public ParameterUpdate update(Precondition ifMatch, Idempotency idempotency) {
        if (gradGamma == null && gradBeta == null) {
            throw new InvalidField(
                    "grad_gamma",
                    "\"grad_gamma\" or \"grad_beta\" is required, as backward returns them");
        }
        return new ParameterUpdate(
                gradGamma,
                gradBeta,
                optimizer.optimizer(),
                restart,
                ifMatch,
                idempotency.key(),
                idempotency.fingerprint());
    }
}
