package batchnorm.checkpoint;

import batchnorm.codec.LayerSettings;
import batchnorm.codec.MalformedTensor;
import batchnorm.codec.QuotedInput;
import batchnorm.normalization.Config;
import batchnorm.normalization.InvalidConfig;
import batchnorm.normalization.Knob;
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The knobs of each layer of a file: what the file states for it, and the base's for the rest.
///
/// @param framework whose direction a momentum in the file has
/// @param config the base
/// @param named the knobs of the base that the file's settings do not replace
/// @param prefix of the paths, which the layers' own paths do not have
/// @param stated the file's settings, by path
record FileSettings(
        Framework framework,
        Config config,
        Set<Knob> named,
        String prefix,
        Map<String, LayerSettings> stated) {

    /// Returns the knobs of a layer. A momentum of the other direction becomes `1 - momentum`.
    ///
    /// @throws MalformedTensor when the file states an invalid value
    Config of(String path) {
        Map<Knob, Object> values = values(path);
        values.keySet().removeAll(named);
        values.computeIfPresent(
                Knob.MOMENTUM,
                (_, momentum) ->
                        framework.convention().config().momentum().meaning()
                                        == config.momentum().meaning()
                                ? momentum
                                : (Double) (1 - (Double) momentum));
        try {
            return config.with(values);
        } catch (InvalidConfig e) {
            throw new MalformedTensor(
                    QuotedInput.cut(path),
                    "layer %s of the file: %s".formatted(QuotedInput.of(path), e.getMessage()));
        }
    }

    /// Returns the knobs that the file states for every layer.
    Set<Knob> statedForAll(Collection<String> paths) {
        Set<Knob> all = EnumSet.of(Knob.EPSILON, Knob.MOMENTUM, Knob.CHANNEL_AXIS);
        paths.forEach(path -> all.retainAll(values(path).keySet()));
        return all;
    }

    private Map<Knob, Object> values(String path) {
        Map<Knob, Object> values = new EnumMap<>(Knob.class);
        LayerSettings settings = stated.get(prefix + path);
        if (settings != null) {
            put(values, Knob.EPSILON, settings.epsilon());
            put(values, Knob.MOMENTUM, settings.momentum());
            put(values, Knob.CHANNEL_AXIS, settings.axis());
        }
        return values;
    }

    private static void put(Map<Knob, Object> values, Knob knob, @Nullable Object value) {
        if (value != null) {
            values.put(knob, value);
        }
    }
}
