package batchnorm.web;

import batchnorm.codec.Message;
import batchnorm.layer.Layer;
import batchnorm.normalization.Health;
import batchnorm.normalization.Health.Extreme;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// What can be seen in a layer, as messages.
final class InsightMessages {
    private InsightMessages() {}

    static Message health(Layer layer, double[] drifts) {
        Health health = layer.health(drifts);
        return new Message()
                .with("name", layer.name().value())
                .with("version", (Long) layer.version())
                .with("num_batches_tracked", (Long) layer.batches())
                .with("never_trained", (Boolean) health.neverTrained())
                .with("update_weight_sum", health.updateWeight())
                .with("initial_value_share", health.initialShare())
                .with("smallest_variance", extreme(health.smallestVariance()))
                .with("mean_to_std", meanToDeviation(health))
                .with("drift", drift(drifts))
                .with("warnings", health.warnings());
    }

    private static @Nullable Message extreme(@Nullable Extreme extreme) {
        return extreme == null
                ? null
                : new Message()
                        .with("channel", (Long) (long) extreme.channel())
                        .with("value", (Double) extreme.value());
    }

    private static @Nullable Message meanToDeviation(Health health) {
        Message extreme = extreme(health.meanToDeviation());
        return extreme == null
                ? null
                : extreme.with("fp32_digits_lost", (Double) health.fp32DigitsLost());
    }

    private static @Nullable Message drift(double[] drifts) {
        return drifts.length == 0
                ? null
                : new Message()
                        .with("batches", (Long) (long) drifts.length)
                        .with("last", (Double) drifts[drifts.length - 1])
                        .with("mean", (Double) Arrays.stream(drifts).average().orElseThrow())
                        .with("largest", (Double) Arrays.stream(drifts).max().orElseThrow());
    }
}
