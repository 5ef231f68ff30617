package batchnorm.openinference;

import batchnorm.codec.Message;
import batchnorm.layer.Layer;
import batchnorm.layer.LayerName;
import batchnorm.normalization.Knob;
import batchnorm.tensor.DataType;
import java.util.List;

/// Messages that describe models.
final class ModelMessages {
    static final String INPUT = "input";
    static final String OUTPUT = "output";

    /// The datatype in metadata. Any datatype is accepted and returned, but the protocol lists only
    /// one.
    static final DataType DATATYPE = DataType.FP32;

    private static final String PLATFORM = "batchnorm";

    private ModelMessages() {}

    static Message metadata(Layer layer) {
        ModelShape shape = ModelShape.of(layer);
        return new Message()
                .with("name", layer.name().value())
                .with("versions", List.of(version(layer)))
                .with("platform", PLATFORM)
                .with("inputs", List.of(tensor(INPUT, shape)))
                .with("outputs", List.of(tensor(OUTPUT, shape)));
    }

    private static Message tensor(String name, ModelShape shape) {
        return new Message()
                .with("name", name)
                .with("datatype", DATATYPE.name())
                .with("shape", shape.dimensions());
    }

    /// Returns the layer as Triton's `ModelConfig`, with the knobs as parameters.
    static Message config(Layer layer) {
        ModelShape shape = ModelShape.of(layer);
        return new Message()
                .with("name", layer.name().value())
                .with("platform", PLATFORM)
                .with("backend", PLATFORM)
                .with(
                        "version_policy",
                        new Message().with("latest", new Message().with("num_versions", (Long) 1L)))
                .with("max_batch_size", (Long) 0L)
                .with("input", List.of(configTensor(INPUT, shape)))
                .with("output", List.of(configTensor(OUTPUT, shape)))
                .with("parameters", knobs(layer));
    }

    private static Message configTensor(String name, ModelShape shape) {
        return new Message()
                .with("name", name)
                .with("data_type", "TYPE_" + DATATYPE.name())
                .with("dims", shape.dimensions());
    }

    private static Message knobs(Layer layer) {
        Message knobs = new Message();
        layer.config()
                .knobs(layer.batches() + 1)
                .forEach((knob, value) ->
                        knobs.with(knob, new Message().with("string_value", Knob.text(value))));
        return knobs;
    }

    static Message ready(LayerName name) {
        return new Message().with("name", name.value()).with("ready", (Boolean) true);
    }

    static String version(Layer layer) {
        return Long.toString(layer.version());
    }
}
