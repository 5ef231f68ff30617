package batchnorm.web;

import batchnorm.codec.Signature;
import batchnorm.codec.Signature.Field;
import batchnorm.layer.LayerName;
import io.swagger.v3.oas.models.media.Schema;
import java.math.BigDecimal;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// JSON schemas of messages, from their signatures.
final class Schemas {
    static final String TENSOR = "Tensor";

    private Schemas() {}

    private static Schema<?> reference(String name) {
        return new Schema<>().$ref("#/components/schemas/" + name);
    }

    /// What generated clients call the messages.
    static final Map<Signature, String> NAMES =
            Map.ofEntries(
                    Map.entry(Signatures.NEW_LAYER, "NewLayer"),
                    Map.entry(Signatures.PATCH, "LayerPatch"),
                    Map.entry(Signatures.CONFIG, "Config"),
                    Map.entry(Signatures.LAYER, "Layer"),
                    Map.entry(Signatures.LAYER_SUMMARY, "LayerSummary"),
                    Map.entry(Signatures.LAYER_LIST, "LayerPage"),
                    Map.entry(Signatures.FORWARD_TRAIN, "ForwardTrainRequest"),
                    Map.entry(Signatures.TRAINED, "ForwardTrainAnswer"),
                    Map.entry(Signatures.FORWARD_INFER, "ForwardInferRequest"),
                    Map.entry(Signatures.INFERRED, "ForwardInferAnswer"),
                    Map.entry(Signatures.BACKWARD, "BackwardRequest"),
                    Map.entry(Signatures.GRADIENTS, "Gradients"),
                    Map.entry(Signatures.CONVENTION, "Convention"),
                    Map.entry(Signatures.CONVENTIONS, "Conventions"),
                    Map.entry(Signatures.PROBLEM, "Problem"));

    static Schema<?> reference(Signature signature) {
        return reference(Objects.requireNonNull(NAMES.get(signature)));
    }

    static Schema<?> of(Signature signature, Set<String> required) {
        Schema<Object> schema = new Schema<>();
        schema.setTypes(Set.of("object"));
        for (Field field : signature.fields()) {
            schema.addProperty(field.name(), of(field));
        }
        if (!required.isEmpty()) {
            schema.setRequired(
                    signature.fields().stream()
                            .map(Field::name)
                            .filter(required::contains)
                            .toList());
        }
        schema.setAdditionalProperties(false);
        return schema;
    }

    private static Schema<?> of(Field field) {
        Schema<?> schema =
                switch (field.kind()) {
                    case TENSOR -> reference(TENSOR);
                    case VECTOR -> array(number());
                    case NUMBER -> number();
                    case INTEGER -> typed("integer", "int64");
                    case BOOLEAN -> typed("boolean", null);
                    case TEXT -> text(field);
                    case OBJECT -> reference(nested(field));
                    case LIST -> array(reference(nested(field)));
                };
        schema.setDescription(Glossary.MEANINGS.get(field.name()));
        if (field.nullable() && schema.getTypes() != null) {
            Set<String> types = new LinkedHashSet<>(schema.getTypes());
            types.add("null");
            schema.setTypes(types);
        }
        return schema;
    }

    private static Signature nested(Field field) {
        return Objects.requireNonNull(field.nested());
    }

    private static Schema<?> text(Field field) {
        Schema<Object> schema = typed("string", null);
        List<String> choices = Glossary.CHOICES.get(field.name());
        if (choices != null) {
            schema.setEnum(List.copyOf(choices));
        }
        if (field.name().equals("name")) {
            schema.setPattern(LayerName.PATTERN);
        }
        return schema;
    }

    /// Three ways to write a tensor; see the README.
    static Schema<?> tensor() {
        Schema<Object> object = new Schema<>();
        object.setTypes(Set.of("object"));
        Schema<?> dimension = typed("integer", "int32").minimum(BigDecimal.ZERO);
        object.addProperty("shape", array(dimension));
        Schema<Object> datatype = typed("string", null);
        datatype.setEnum(List.of("FP64", "FP32", "FP16", "BF16"));
        datatype.setDefault("FP64");
        object.addProperty("datatype", datatype);
        object.addProperty(
                "data",
                array(new Schema<>())
                        .description(
                                "Flat in row-major order, or nested. Non-finite numbers are the strings"
                                        + " \"NaN\", \"Infinity\", \"-Infinity\"."));
        object.addProperty(
                "base64",
                typed("string", "byte").description("Little-endian, in row-major order."));
        object.setAdditionalProperties(false);
        Schema<Object> schema = new Schema<>();
        schema.setDescription(
                "An object with a shape and flat data, nested data or base64; or just nested arrays (FP64)."
                        + " The answer takes the form of the question.");
        schema.setOneOf(List.of(object, array(new Schema<>()).description("Nested arrays.")));
        return schema;
    }

    private static Schema<?> number() {
        return typed("number", "double");
    }

    private static Schema<Object> array(Schema<?> items) {
        Schema<Object> schema = new Schema<>();
        schema.setTypes(Set.of("array"));
        schema.setItems(items);
        return schema;
    }

    static Schema<Object> typed(String type, @Nullable String format) {
        Schema<Object> schema = new Schema<>();
        schema.setTypes(Set.of(type));
        schema.setFormat(format);
        return schema;
    }
}
