package batchnorm.web.api;

import batchnorm.layer.Layer;
import batchnorm.layer.LayerName;
import batchnorm.normalization.Health;
import batchnorm.normalization.Health.Extreme;
import batchnorm.normalization.Warning;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.Positive;
import jakarta.validation.constraints.PositiveOrZero;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The fitness of a layer's running statistics for inference.
@Schema(name = "Health")
public record HealthAnswer(
        LayerName name,
        @Positive long version,
        @PositiveOrZero long numBatchesTracked,
        boolean neverTrained,
        @Nullable Double updateWeightSum,
        @Nullable Double initialValueShare,
        @Nullable ChannelValue smallestVariance,
        @Nullable MeanToStd meanToStd,
        @Nullable DriftSummary drift,
        List<String> warnings)
        implements ApiAnswer {

    public record ChannelValue(@PositiveOrZero long channel, double value) {

        private static @Nullable ChannelValue of(@Nullable Extreme extreme) {
            return extreme == null ? null : new ChannelValue(extreme.channel(), extreme.value());
        }
    }

    public record MeanToStd(@PositiveOrZero long channel, double value, double fp32DigitsLost) {

        private static @Nullable MeanToStd of(Health health) {
            Extreme extreme = health.meanToDeviation();
            return extreme == null
                    ? null
                    : new MeanToStd(extreme.channel(), extreme.value(), health.fp32DigitsLost());
        }
    }

    /// The distances of the last batches from the running statistics.
    @Schema(name = "Drift")
    public record DriftSummary(long batches, double last, double mean, double largest) {

        private static @Nullable DriftSummary of(double[] drifts) {
            return drifts.length == 0
                    ? null
                    : new DriftSummary(
                            drifts.length,
                            drifts[drifts.length - 1],
                            Arrays.stream(drifts).average().orElseThrow(),
                            Arrays.stream(drifts).max().orElseThrow());
        }
    }

    /// @param drifts of the last batches, the latest last
    public static HealthAnswer of(Layer layer, double[] drifts) {
        Health health = layer.health(drifts);
        return new HealthAnswer(
                layer.name(),
                layer.version(),
                layer.batches(),
                health.neverTrained(),
                health.updateWeight(),
                health.initialShare(),
                ChannelValue.of(health.smallestVariance()),
                MeanToStd.of(health),
                DriftSummary.of(drifts),
                health.warnings().stream().map(Warning::sentence).toList());
    }
}
