package batchnorm.web.api;

import batchnorm.codec.Message;
import batchnorm.normalization.Config;
import batchnorm.normalization.Convention;
import batchnorm.normalization.InvalidConfig;
import batchnorm.normalization.Knob;
import batchnorm.normalization.Renorm;
import batchnorm.normalization.Variant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Values of a layer's knobs by name: all of them in an answer, any of them in a request.
///
/// @param values by the names that [Config#knobs] gives them
public record KnobValues(Message values) {

    /// @param nextBatch the number of the batch whose weight `alpha` is
    public static KnobValues of(Config config, long nextBatch) {
        Message values = new Message();
        config.knobs(nextBatch).forEach(values::put);
        return new KnobValues(values);
    }

    /// The convention that they name; null without one.
    public @Nullable Convention convention() {
        String word = values.text("convention");
        return word == null ? null : Convention.parse(word);
    }

    /// The base with these knobs changed.
    ///
    /// @throws InvalidConfig when a knob cannot have its value
    public Config applyTo(Config base) {
        return new Config(
                base.convention(),
                Objects.requireNonNullElse(values.number("epsilon"), base.epsilon()),
                values.has("momentum") ? values.number("momentum") : base.momentum(),
                choice("momentum_meaning", base.momentumMeaning()),
                choice("running_variance", base.runningVariance()),
                choice("scope", base.scope()),
                Objects.requireNonNullElse(integer("channel_axis"), base.channelAxis()),
                values.bool("scale", base.scale()),
                values.bool("shift", base.shift()),
                values.bool("track_running_stats", base.trackRunningStats()),
                choice("single_value", base.singleValue()),
                choice("non_finite", base.nonFinite()),
                variant(base.variant()));
    }

    private Variant variant(Variant base) {
        return new Variant(
                values.bool("freeze_statistics", base.freezeStatistics()),
                values.bool("freeze_parameters", base.freezeParameters()),
                Objects.requireNonNullElse(
                        values.number("statistics_blend"), base.statisticsBlend()),
                values.has("virtual_batch_size")
                        ? integer("virtual_batch_size")
                        : base.virtualBatchSize(),
                renorm(base.renorm()));
    }

    private @Nullable Renorm renorm(@Nullable Renorm base) {
        Double rMax = base == null ? null : (Double) base.rMax();
        Double dMax = base == null ? null : (Double) base.dMax();
        return Renorm.of(
                values.has("r_max") ? values.number("r_max") : rMax,
                values.has("d_max") ? values.number("d_max") : dMax);
    }

    private <E extends Enum<E>> E choice(String knob, E base) {
        String word = values.text(knob);
        return word == null ? base : Knob.parse(base.getDeclaringClass(), knob, word);
    }

    /// A value beyond the range of int has the same effect as the limit of the range.
    private @Nullable Integer integer(String knob) {
        Long value = values.integer(knob);
        return value == null
                ? null
                : (Integer) Math.clamp(value, Integer.MIN_VALUE, Integer.MAX_VALUE);
    }

    /// Checks the values that follow from others: a caller who changed one of them expects an
    /// effect that it does not have.
    ///
    /// @param config these knobs, applied
    /// @throws InvalidConfig when `alpha` or `initial_running_var` is not what the knobs make it
    void requireDerived(Config config, @Nullable Long batches) {
        long next = batches == null ? 1 : batches + 1;
        Double alpha = config.trackRunningStats() ? (Double) config.alpha(next) : null;
        requireDerived("alpha", alpha, "momentum");
        requireDerived("initial_running_var", config.convention().initialVariance(), "running_var");
    }

    private void requireDerived(String knob, @Nullable Double derived, String remedy) {
        Double given = values.number(knob);
        if (given != null && !given.equals(derived)) {
            throw new InvalidConfig(
                    "config." + knob,
                    "config.%s is %s, but the other knobs make it %s; leave it out, and set %s"
                            .formatted(knob, Knob.text(given), Knob.text(derived), remedy));
        }
    }
}
