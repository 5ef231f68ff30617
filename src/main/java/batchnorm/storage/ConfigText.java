package batchnorm.storage;

import batchnorm.normalization.Config;
import batchnorm.normalization.Convention;
import batchnorm.normalization.Variant;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A layer's knobs as JSON. A knob that a row does not have yet is what the layer's convention
/// says, so a new knob needs no migration. A knob that this version of the program does not know is
/// not dropped: the layer cannot be read.
final class ConfigText {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

    private static final String VARIANT = "variant";

    private ConfigText() {}

    /// A layer without variants is written as programs that know none write it.
    static String write(Config config) {
        ObjectNode knobs = JSON.valueToTree(config);
        if (config.variant().equals(Variant.PLAIN)) {
            knobs.remove(VARIANT);
        }
        return knobs.toString();
    }

    static Config read(Convention convention, String text) {
        ObjectNode knobs = JSON.valueToTree(convention.config());
        ObjectNode row = JSON.readValue(text, ObjectNode.class);
        if (row.remove(VARIANT) instanceof ObjectNode variant) {
            knobs.withObject("/" + VARIANT).setAll(variant);
        }
        return JSON.treeToValue(knobs.setAll(row), Config.class);
    }
}
