package batchnorm.web;

import batchnorm.codec.Message;
import batchnorm.layer.Layer;
import batchnorm.normalization.Explanation;
import batchnorm.normalization.Explanation.Step;
import batchnorm.normalization.GradientCheck;
import batchnorm.normalization.Health;
import batchnorm.normalization.Health.Extreme;
import java.util.Arrays;
import java.util.List;
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

    static Message explanation(List<Step> steps, Message request) {
        return new Message()
                .in(request.form())
                .with("steps", steps.stream().map(InsightMessages::step).toList());
    }

    private static Message step(Step step) {
        Message message = new Message().with("name", step.name()).with("formula", step.formula());
        return switch (step.value()) {
            case Explanation.Value.Elements elements -> message.with("value", elements.tensor());
            case Explanation.Value.Channels channels -> message.with("value", channels.vector());
        };
    }

    static Message gradientCheck(GradientCheck check) {
        GradientCheck.@Nullable OfTensor worst = check.worst();
        return new Message()
                .with(
                        "max_relative_error",
                        (Double) (worst == null ? 0 : worst.worst().relativeError()))
                .with("worst", worst == null ? null : difference(worst))
                .with("tensors", check.tensors().stream().map(InsightMessages::ofTensor).toList())
                .with("step", (Double) GradientCheck.STEP);
    }

    private static Message difference(GradientCheck.OfTensor tensor) {
        GradientCheck.Difference worst = tensor.worst();
        return new Message()
                .with("tensor", tensor.name())
                .with("index", worst.index().stream().map(Integer::longValue).toList())
                .with("analytic", (Double) worst.analytic())
                .with("numeric", (Double) worst.numeric());
    }

    private static Message ofTensor(GradientCheck.OfTensor tensor) {
        return new Message()
                .with("tensor", tensor.name())
                .with("max_relative_error", (Double) tensor.worst().relativeError())
                .with("checked", (Long) (long) tensor.checked())
                .with("elements", (Long) (long) tensor.elements());
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
