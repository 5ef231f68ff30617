package batchnorm.web.openapi;

import batchnorm.codec.Signature;
import batchnorm.codec.Signature.Field;
import batchnorm.codec.Signature.Limits;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.media.Schema;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Derives JSON schemas from the signatures of messages.
final class Schemas {
    static final String TENSOR = "Tensor";
    static final String TENSOR_OBJECT = "TensorObject";

    private Schemas() {}

    private static Schema<?> reference(String name) {
        return new Schema<>().$ref("#/components/schemas/" + name);
    }

    static Schema<?> reference(Signature signature) {
        return reference(signature.name());
    }

    /// Adds the schemas of a message and all nested messages, by the names in generated clients.
    static void add(Components components, Signature signature) {
        if (components.getSchemas() != null
                && components.getSchemas().containsKey(signature.name())) {
            return;
        }
        components.addSchemas(signature.name(), of(signature));
        signature.fields().stream()
                .map(Field::nested)
                .filter(Objects::nonNull)
                .forEach(nested -> add(components, nested));
    }

    private static Schema<?> of(Signature signature) {
        Schema<Object> schema = new Schema<>();
        schema.setTypes(Set.of("object"));
        for (Field field : signature.fields()) {
            schema.addProperty(field.name(), of(signature, field));
        }
        List<String> required =
                signature.fields().stream().filter(Field::required).map(Field::name).toList();
        if (!required.isEmpty()) {
            schema.setRequired(required);
        }
        schema.setAdditionalProperties(false);
        return schema;
    }

    private static Schema<?> of(Signature owner, Field field) {
        Schema<?> schema = of(field, takesNull(owner, field));
        schema.setDescription(FieldDescriptions.meaning(owner.name(), field.name()));
        return schema;
    }

    /// Returns whether a field accepts null. Generated clients send a missing array as an empty
    /// one, and a missing object with all defaults, unless null is allowed. A null of an optional
    /// field is an absent one.
    private static boolean takesNull(Signature owner, Field field) {
        return field.nullable()
                || (owner.role() == Signature.Role.REQUEST
                        && !field.required()
                        && switch (field.kind()) {
                            case VECTOR, TEXTS, TEXT_LISTS, INTEGERS, OBJECT, LIST -> true;
                            case TENSOR, MASK, COUNTS, NUMBER, INTEGER, BOOLEAN, TEXT -> false;
                        });
    }

    /// Returns the schema of a field's values, without a description.
    static Schema<?> of(Field field) {
        return of(field, field.nullable());
    }

    private static Schema<?> of(Field field, boolean takesNull) {
        Schema<?> schema =
                switch (field.kind()) {
                    case TENSOR -> reference(TENSOR);
                    case MASK -> reference(TENSOR);
                    case VECTOR -> array(limited(number(), field.limits()));
                    case NUMBER -> limited(number(), field.limits());
                    case INTEGER -> limited(typed("integer", "int64"), field.limits());
                    case BOOLEAN -> typed("boolean", null);
                    case TEXT -> text(field);
                    case TEXTS -> array(typed("string", null));
                    case TEXT_LISTS -> array(array(typed("string", null)));
                    case INTEGERS -> array(limited(typed("integer", "int64"), field.limits()));
                    case COUNTS -> counts();
                    case OBJECT -> reference(nested(field));
                    case LIST -> array(reference(nested(field)));
                };
        return takesNull ? orNull(schema) : schema;
    }

    private static Schema<?> orNull(Schema<?> schema) {
        if (schema.get$ref() != null) {
            return schema.get$ref().equals(reference(TENSOR).get$ref())
                    ? schema // the schema of a tensor has no type
                    : new Schema<>().anyOf(List.of(schema, typed("null", null)));
        }
        Set<String> types = new LinkedHashSet<>(schema.getTypes());
        types.add("null");
        schema.setTypes(types);
        return schema.getEnum() == null ? schema : withNullChoice(schema);
    }

    /// Adds null to the choices, because an enumeration restricts every type.
    private static Schema<?> withNullChoice(Schema<?> schema) {
        List<@Nullable Object> choices = new ArrayList<>(schema.getEnum());
        choices.add(null);
        Schema<Object> nullable = typed("string", null);
        nullable.setTypes(schema.getTypes());
        nullable.setEnum(choices);
        return nullable;
    }

    private static Schema<?> limited(Schema<?> schema, Limits limits) {
        schema.setMinimum(decimal(limits.from()));
        schema.setExclusiveMinimumValue(decimal(limits.above()));
        schema.setMaximum(decimal(limits.upTo()));
        schema.setExclusiveMaximumValue(decimal(limits.below()));
        return schema;
    }

    private static @Nullable BigDecimal decimal(@Nullable Double limit) {
        return limit == null ? null : new BigDecimal(limit);
    }

    private static Signature nested(Field field) {
        return Objects.requireNonNull(field.nested());
    }

    private static Schema<?> text(Field field) {
        Schema<Object> schema = typed("string", null);
        if (!field.choices().isEmpty()) {
            schema.setEnum(List.copyOf(field.choices()));
        }
        if (field.limits().pattern() != null) {
            schema.setPattern(whole(field.limits().pattern()));
        }
        schema.setMaxLength(field.limits().longest());
        return schema;
    }

    /// Anchors a pattern, because a schema's pattern matches anywhere in a text.
    static String whole(String pattern) {
        return '^' + pattern + '$';
    }

    /// Returns the schema of a tensor: nested arrays, or an object. It has no type, because client
    /// generators turn a choice of types into wrappers, and lose nested arrays in some languages.
    /// Its keywords apply to the arrays or to the objects only.
    static Schema<?> tensor() {
        Schema<Object> schema = new Schema<>();
        schema.setDescription(
                """
                Nested arrays, such as `[[1, 2], [3, 4]]`, for FP64. Or an object with a `shape`, for other datatypes \
                and base64. Non-finite numbers are the strings "NaN", "Infinity", "-Infinity". The response uses the \
                form of the request.\
                """);
        Schema<Object> element = new Schema<>();
        element.setTypes(new LinkedHashSet<>(List.of("array", "number", "string")));
        schema.setItems(element);
        schema.setIf(typed("object", null));
        schema.setThen(reference(TENSOR_OBJECT));
        schema.setExamples(
                List.of(
                        List.of(List.of(1, 2), List.of(3, 4)),
                        new TensorExample(List.of(2, 2), "FP32", List.of(1, 2, 3, 4))));
        return schema;
    }

    /// Returns the schema of a tensor as an object.
    static Schema<?> tensorObject() {
        Schema<Object> schema = typed("object", null);
        Schema<Object> datatype = typed("string", null);
        datatype.setEnum(List.of("FP64", "FP32", "FP16", "BF16"));
        schema.addProperty(
                "shape",
                array(typed("integer", "int64").minimum(BigDecimal.ZERO))
                        .description("The length of each axis."));
        schema.addProperty("datatype", datatype.description("Of each element. Default: FP64."));
        schema.addProperty(
                "data",
                array(new Schema<>()).description("Numbers, flat in row-major order, or nested."));
        schema.addProperty(
                "base64",
                typed("string", null)
                        .description(
                                "In place of data: the elements' little-endian bytes in row-major"
                                        + " order."));
        schema.setRequired(List.of("shape"));
        schema.setAdditionalProperties(false);
        return schema;
    }

    private record TensorExample(List<Integer> shape, String datatype, List<Integer> data) {}

    /// Returns the schema of an integer or an array of integers, also without a type.
    private static Schema<?> counts() {
        Schema<Object> schema = new Schema<>();
        schema.setExamples(List.of(1, List.of(1, 1)));
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
