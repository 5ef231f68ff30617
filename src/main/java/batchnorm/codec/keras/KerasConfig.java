package batchnorm.codec.keras;

import batchnorm.codec.Codec;
import batchnorm.codec.InvalidField;
import batchnorm.codec.LayerSettings;
import batchnorm.codec.MalformedJson;
import batchnorm.codec.MalformedTensor;
import batchnorm.codec.json.LenientJsonReader;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The configuration of a model: its layers, by the paths at which Keras 3 stores their variables,
/// and by their names.
///
/// Keras 3 names a layer in a list by its class and its number in the list
/// (`layers/batch_normalization_1`), and a layer of an attribute by the attribute
/// (`layers/time_distributed/layer`).
public final class KerasConfig {
    /// The longest JSON. That of a model with 2,000 layers has 2 MB.
    static final int MAX_BYTES = 1 << 24;

    private static final int MAX_NAMES = 1 << 13;

    /// JSON nests some five deep for each model in a model.
    private static final int MAX_DEPTH = 128;

    /// More values than the configuration of a model with 2,000 layers has.
    private static final int MAX_VALUES = 1 << 18;

    /// Bytes counted for each value: a small one with its place in a map.
    private static final int BYTES_OF_VALUE = 96;

    private static final Set<String> KNOBS = Set.of("epsilon", "momentum", "center", "scale");
    private static final Pattern NOT_OF_A_WORD = Pattern.compile("\\W+");
    private static final Pattern BEFORE_A_WORD = Pattern.compile("(.)([A-Z][a-z]+)");
    private static final Pattern BEFORE_A_CAPITAL = Pattern.compile("([a-z])([A-Z])");

    private final Map<String, LayerConfig> byPath = new HashMap<>();
    private final Map<String, LayerConfig> byNames = new HashMap<>();
    private final Map<String, List<LayerConfig>> byName = new HashMap<>();

    private final Codec.Memory memory;

    private KerasConfig(Codec.Memory memory) {
        this.memory = memory;
    }

    /// A layer's part of the configuration.
    ///
    /// @param norm the settings of a batch normalization; null for other layers
    record LayerConfig(String name, @Nullable Norm norm) {}

    /// A batch normalization.
    record Norm(LayerSettings settings, boolean scale, boolean center) {

        /// Returns the names of its variables, in the order in which Keras stores them.
        List<String> variables() {
            List<String> variables = new ArrayList<>();
            if (scale) {
                variables.add("gamma");
            }
            if (center) {
                variables.add("beta");
            }
            variables.add("moving_mean");
            variables.add("moving_variance");
            return variables;
        }
    }

    /// Returns a configuration without layers.
    static KerasConfig none() {
        return new KerasConfig(bytes -> {});
    }

    /// Reads the JSON of a configuration.
    ///
    /// @throws MalformedTensor for malformed JSON, or a configuration that is too large
    static KerasConfig read(InputStream json, Codec.Limits limits) throws IOException {
        Codec.Limits deep = new Codec.Limits(limits.elements(), MAX_DEPTH, limits.memory());
        LenientJsonReader reader = new LenientJsonReader(json, deep);
        int[] values = {0};
        try {
            Object root =
                    reader.value(
                            "config",
                            () -> {
                                if (values[0]++ == MAX_VALUES) {
                                    throw malformed("it has more than " + MAX_VALUES + " values");
                                }
                                limits.memory().reserve(BYTES_OF_VALUE);
                            });
            if (!reader.reader.atEnd()) {
                throw malformed("more than one JSON value");
            }
            KerasConfig config = new KerasConfig(limits.memory());
            config.addModel("", "", root);
            return config;
        } catch (MalformedJson | InvalidField e) {
            throw malformed(String.valueOf(e.getMessage()));
        }
    }

    private static MalformedTensor malformed(String reason) {
        return new MalformedTensor("config", "the model's configuration: " + reason);
    }

    /// Returns the layer at a path of Keras 3; null if unknown.
    @Nullable LayerConfig atPath(String path) {
        return byPath.get(path);
    }

    /// Returns the layer of a name behind those of the models and wrappers around it, or else the
    /// only one of the name; null if there is none, or several.
    @Nullable LayerConfig named(List<String> names) {
        LayerConfig exact = byNames.get(String.join("/", names));
        if (exact != null || names.isEmpty()) {
            return exact;
        }
        String name = names.getLast();
        List<LayerConfig> named = byName.getOrDefault(name, List.of());
        return named.size() == 1 ? named.getFirst() : null;
    }

    private void addModel(String path, String names, @Nullable Object model) {
        if (model instanceof Map<?, ?> object) {
            if (object.get("config") instanceof List<?> layers) { // Sequential of Keras before 2.2
                addList(join(path, "layers"), names, layers);
            } else if (object.get("config") instanceof Map<?, ?> config) {
                addParts(path, names, String.valueOf(object.get("class_name")), config);
            }
        }
    }

    private void addParts(String path, String names, String className, Map<?, ?> config) {
        config.forEach((key, value) -> {
            String part = join(path, String.valueOf(key));
            if (value instanceof List<?> list) {
                boolean hidesInput =
                        className.equals("Sequential")
                                && !list.isEmpty()
                                && list.getFirst() instanceof Map<?, ?> first
                                && "InputLayer".equals(first.get("class_name"));
                addList(part, names, hidesInput ? list.subList(1, list.size()) : list);
            } else {
                addLayer(part, names, value);
            }
        });
    }

    private void addList(String path, String names, List<?> layers) {
        Map<String, Integer> used = new HashMap<>();
        for (Object layer : layers) {
            if (layer instanceof Map<?, ?> object
                    && object.get("class_name") instanceof String className) {
                String name = snakeCase(className.substring(className.lastIndexOf('>') + 1));
                int number = used.merge(name, 1, Integer::sum) - 1;
                addLayer(join(path, number == 0 ? name : name + "_" + number), names, layer);
            }
        }
    }

    private void addLayer(String path, String around, @Nullable Object value) {
        if (value instanceof Map<?, ?> layer
                && layer.get("class_name") instanceof String className
                && layer.get("config") instanceof Map<?, ?> config) {
            String name = config.get("name") instanceof String text ? text : "";
            requireShort(path.length() + around.length() + name.length());
            LayerConfig found = new LayerConfig(name, norm(className, config));
            byPath.put(path, found);
            String names = name.isEmpty() ? around : join(around, name);
            if (!name.isEmpty()) {
                byNames.putIfAbsent(names, found);
                byName.computeIfAbsent(name, _ -> new ArrayList<>()).add(found);
            }
            addModel(path, names, layer);
        }
    }

    /// Counts the names of a layer. Layers in a layer of a long name repeat it.
    private void requireShort(int characters) {
        if (characters > MAX_NAMES) {
            throw malformed("the names of layers nest to more than " + MAX_NAMES + " characters");
        }
        memory.reserve(2L * characters);
    }

    /// Returns the batch normalization of a configuration, of a subclass, too.
    private static @Nullable Norm norm(String className, Map<?, ?> config) {
        if (!className.endsWith("BatchNormalization") && !config.keySet().containsAll(KNOBS)) {
            return null;
        }
        return new Norm(
                new LayerSettings(
                        number(config.get("epsilon")),
                        number(config.get("momentum")),
                        axis(config.get("axis"))),
                !Boolean.FALSE.equals(config.get("scale")),
                !Boolean.FALSE.equals(config.get("center")));
    }

    private static @Nullable Double number(@Nullable Object value) {
        return value instanceof Double number ? number : null;
    }

    /// Returns the axis, which Keras 2 stores as a list of one.
    private static @Nullable Integer axis(@Nullable Object value) {
        return switch (value) {
            case Double axis when axis == Math.rint(axis) && Math.abs(axis) < MAX_DEPTH ->
                    (Integer) axis.intValue();
            case List<?> axes when axes.size() == 1 && !(axes.getFirst() instanceof List<?>) ->
                    axis(axes.getFirst());
            case null, default -> null;
        };
    }

    /// Returns a class name as `keras.src.utils.naming.to_snake_case` does.
    private static String snakeCase(String className) {
        String words = NOT_OF_A_WORD.matcher(className).replaceAll("");
        words = BEFORE_A_WORD.matcher(words).replaceAll("$1_$2");
        return BEFORE_A_CAPITAL.matcher(words).replaceAll("$1_$2").toLowerCase(Locale.ROOT);
    }

    private static String join(String path, String part) {
        return path.isEmpty() ? part : path + "/" + part;
    }
}
