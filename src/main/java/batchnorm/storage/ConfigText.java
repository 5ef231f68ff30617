package batchnorm.storage;

import batchnorm.normalization.Config;
import batchnorm.normalization.Convention;
import batchnorm.normalization.Knob;
import batchnorm.normalization.Variant;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A layer's knobs as JSON. A missing knob has the default of the layer's convention, so a new knob
/// needs no migration. A layer with an unknown knob cannot be read.
final class ConfigText {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String VARIANT = "/variant";
    private static final String RENORM = VARIANT + "/renorm";
    private static final Map<String, Knob> KNOBS =
            Arrays.stream(Knob.values())
                    .collect(
                            Collectors.toMap(
                                    knob -> group(knob) + "/" + name(knob), Function.identity()));

    private ConfigText() {}

    /// Knobs of later formats.
    private static final Set<Knob> LATER = EnumSet.of(Knob.EPSILON_FLOOR, Knob.ZERO_DEBIAS);

    /// Writes a layer without variants, and with its convention's values of later knobs, in the
    /// format of programs that predate them.
    static String write(Config config) {
        ObjectNode row = JSON.createObjectNode();
        for (Knob knob : Knob.values()) {
            Object value = knob.of(config);
            String group = group(knob);
            if (LATER.contains(knob) && isDefault(knob, config)) {
                continue;
            }
            if (group.isEmpty()) {
                row.set(name(knob), JSON.valueToTree(value));
            } else if (value != null && !config.variant().equals(Variant.PLAIN)) {
                row.withObject(group).set(name(knob), JSON.valueToTree(value));
            }
        }
        return row.toString();
    }

    private static boolean isDefault(Knob knob, Config config) {
        return Objects.equals(knob.of(config), knob.of(config.convention().config()));
    }

    /// @throws IllegalStateException for a knob of a newer program
    static Config read(Convention convention, String text) {
        Map<Knob, @Nullable Object> knobs = new EnumMap<>(Knob.class);
        read("", JSON.readValue(text, ObjectNode.class), knobs);
        return convention.config().with(knobs);
    }

    private static void read(String group, JsonNode values, Map<Knob, @Nullable Object> knobs) {
        values.properties()
                .forEach(property -> {
                    String path = group + "/" + property.getKey();
                    Knob knob = KNOBS.get(path);
                    if (knob != null) {
                        knobs.put(knob, JSON.treeToValue(property.getValue(), knob.type()));
                    } else if (path.equals(VARIANT) || path.equals(RENORM)) {
                        read(path, property.getValue(), knobs);
                    } else {
                        throw new IllegalStateException(
                                "a stored layer has a knob that this version does not know: "
                                        + path);
                    }
                });
    }

    /// Returns the JSON path of the object with the knob; empty for the outermost.
    private static String group(Knob knob) {
        return switch (knob) {
            case R_MAX, D_MAX -> RENORM;
            case FREEZE_STATISTICS, FREEZE_PARAMETERS, STATISTICS_BLEND, VIRTUAL_BATCH_SIZE ->
                    VARIANT;
            default -> "";
        };
    }

    /// Returns the JSON name, such as `channelAxis`.
    private static String name(Knob knob) {
        String[] words = knob.field().split("_");
        return words[0]
                + Arrays.stream(words, 1, words.length)
                        .map(word -> Character.toUpperCase(word.charAt(0)) + word.substring(1))
                        .collect(Collectors.joining());
    }
}
