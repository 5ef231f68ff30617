package batchnorm.web.api;

import batchnorm.layer.Layer;
import batchnorm.layer.LayerName;
import batchnorm.normalization.Parameters;
import batchnorm.normalization.RunningStatistics;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.Positive;
import jakarta.validation.constraints.PositiveOrZero;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A layer.
///
/// @param features null until the first batch defines them
/// @param gamma null without scale or features
@Schema(name = "Layer")
public record LayerAnswer(
        LayerName name,
        @Positive long version,
        Instant createdAt,
        Instant updatedAt,
        KnobValues config,
        @Positive @Nullable Integer features,
        double @Nullable [] gamma,
        double @Nullable [] beta,
        double @Nullable [] runningMean,
        double @Nullable [] runningVar,
        @PositiveOrZero long numBatchesTracked)
        implements ApiAnswer {

    public static LayerAnswer of(Layer layer) {
        Parameters parameters = layer.parameters();
        RunningStatistics running = layer.running();
        return new LayerAnswer(
                layer.name(),
                layer.version(),
                layer.createdAt(),
                layer.updatedAt(),
                KnobValues.of(layer.config(), layer.batches() + 1),
                layer.features(),
                parameters == null ? null : parameters.gamma(),
                parameters == null ? null : parameters.beta(),
                running == null ? null : running.mean(),
                running == null ? null : running.variance(),
                layer.batches());
    }
}
