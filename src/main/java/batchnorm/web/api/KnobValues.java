package batchnorm.web.api;

import batchnorm.codec.Message;
import batchnorm.normalization.Config;
import batchnorm.normalization.Convention;
import batchnorm.normalization.InvalidConfig;
import batchnorm.normalization.Knob;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Values of a layer's knobs by name: all of them in a response, any of them in a request.
///
/// @param values by the names of [Config#knobs]
public record KnobValues(Message values) {

    /// @param nextBatch the number of the batch to which `alpha` applies
    public static KnobValues of(Config config, long nextBatch) {
        Message values = new Message();
        config.knobs(nextBatch).forEach(values::put);
        return new KnobValues(values);
    }

    /// Returns the named convention; null if absent.
    public @Nullable Convention convention() {
        String word = values.text("convention");
        return word == null ? null : Convention.parse(word);
    }

    /// Returns the knobs that the request names. A convention names none of its knobs.
    Set<Knob> named() {
        return Arrays.stream(Knob.values())
                .filter(knob -> values.has(knob.field()))
                .collect(Collectors.toSet());
    }

    /// Returns the base with these knobs applied and its own convention.
    ///
    /// @throws InvalidConfig when a knob has an invalid value
    public Config applyTo(Config base) {
        Map<Knob, @Nullable Object> changed = new EnumMap<>(Knob.class);
        for (Knob knob : Knob.values()) {
            if (knob != Knob.CONVENTION && values.has(knob.field())) {
                changed.put(knob, knob.parse(values.values().get(knob.field())));
            }
        }
        return base.with(changed);
    }

    /// Checks the derived values, because changing one in a request would have no effect.
    ///
    /// @param config these knobs, applied
    /// @throws InvalidConfig when `alpha` or `initial_running_var` differs from the derived value
    void requireDerived(Config config, @Nullable Long batches) {
        long next = batches == null ? 1 : batches + 1;
        Double alpha = config.trackRunningStats() ? (Double) config.alpha(next) : null;
        requireDerived("alpha", alpha, "momentum");
        requireDerived("initial_running_var", config.convention().initialVariance(), "running_var");
    }

    private void requireDerived(String knob, @Nullable Double derived, String remedy) {
        Double actual = values.number(knob);
        if (actual != null && !actual.equals(derived)) {
            throw new InvalidConfig(
                    "config." + knob,
                    "config.%s is %s, but the other knobs make it %s; leave it out, and set %s"
                            .formatted(knob, Knob.text(actual), Knob.text(derived), remedy));
        }
    }
}
