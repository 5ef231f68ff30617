package batchnorm.storage;

import batchnorm.normalization.Config;
import batchnorm.normalization.Convention;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A layer's knobs as JSON. A knob that a row does not have yet is what the layer's convention
/// says, so a new knob needs no migration. A knob that this version of the program does not know is
/// not dropped: the layer cannot be read.
final class ConfigText {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

    private ConfigText() {}

    static String write(Config config) {
        return JSON.writeValueAsString(config);
    }

    static Config read(Convention convention, String text) {
        ObjectNode knobs = JSON.valueToTree(convention.config());
        knobs.setAll(JSON.readValue(text, ObjectNode.class));
        return JSON.treeToValue(knobs, Config.class);
    }
}
