package batchnorm.web.binding;

import batchnorm.codec.Message;
import batchnorm.codec.Signature;
import batchnorm.codec.Signature.Field;
import batchnorm.codec.Signature.Role;
import batchnorm.layer.LayerName;
import batchnorm.tensor.Tensor;
import batchnorm.web.api.Change;
import batchnorm.web.api.Counts;
import batchnorm.web.api.KnobValues;
import batchnorm.web.api.Mask;
import java.lang.reflect.AnnotatedArrayType;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;
import java.util.function.Function;

/// Maps a component's type to values of a message.
///
/// | component | field |
/// |---|---|
/// | `Tensor`, and `Object` for a tensor or a vector | tensor |
/// | `double[]` | vector |
/// | `double`, `Number` | number |
/// | `int`, `long` | integer |
/// | `boolean` | boolean |
/// | `String`, `LayerName`, `Instant`, an enum ([EnumWords]) | text |
/// | a record, `KnobValues` | object |
/// | a list of records, of `String`, of lists of `String`, of `Long` | array |
///
/// @param reader converts a message's value to the component's, given the path of the field
/// @param writer converts a component's value to the message's
record FieldType(
        Field field, BiFunction<Object, String, Object> reader, Function<Object, Object> writer) {

    /// Returns the type of a component, or of the value of its [Change].
    static FieldType of(RecordComponent component, Role role) {
        AnnotatedType type = component.getAnnotatedType();
        AnnotatedElement limits = component.getAccessor();
        if (component.getType() == Change.class) {
            type = ((AnnotatedParameterizedType) type).getAnnotatedActualTypeArguments()[0];
            limits = type;
        }
        FieldType plain = plain(snakeCase(component.getName()), component, type.getType(), role);
        return plain.limited(elements(type, limits));
    }

    /// Returns the annotated elements of an array or list, because its limits apply to them.
    private static AnnotatedElement elements(AnnotatedType type, AnnotatedElement own) {
        return switch (type) {
            case AnnotatedArrayType array -> array.getAnnotatedGenericComponentType();
            case AnnotatedParameterizedType list -> list.getAnnotatedActualTypeArguments()[0];
            default -> own;
        };
    }

    private static FieldType plain(String name, RecordComponent component, Type type, Role role) {
        if (type instanceof ParameterizedType list) {
            return list(name, list.getActualTypeArguments()[0], role);
        }
        Class<?> raw = (Class<?>) type;
        if (raw == Tensor.class) {
            return unchanged(
                    component.isAnnotationPresent(Mask.class)
                            ? Signature.mask(name)
                            : Signature.tensor(name));
        }
        if (raw == double[].class) {
            return unchanged(
                    component.isAnnotationPresent(Counts.class)
                            ? Signature.counts(name)
                            : Signature.vector(name));
        }
        if (raw.isRecord() && raw != LayerName.class) {
            return object(name, raw, role);
        }
        if (raw.isEnum()) {
            EnumWords words = EnumWords.of(raw);
            return new FieldType(
                    Signature.text(name).oneOf(words.all()),
                    (word, path) -> words.parse(path, (String) word),
                    words::of);
        }
        return scalar(name, raw);
    }

    private static FieldType scalar(String name, Class<?> type) {
        if (type == Object.class) {
            return unchanged(Signature.tensor(name));
        }
        if (type == String.class) {
            return unchanged(Signature.text(name));
        }
        if (type == boolean.class || type == Boolean.class) {
            return unchanged(Signature.bool(name));
        }
        if (type == double.class || type == Double.class || type == Number.class) {
            return unchanged(Signature.number(name));
        }
        if (type == long.class || type == Long.class) {
            return unchanged(Signature.integer(name));
        }
        if (type == int.class || type == Integer.class) {
            return new FieldType(
                    Signature.integer(name),
                    (value, path) -> Math.clamp((long) value, Integer.MIN_VALUE, Integer.MAX_VALUE),
                    value -> ((Integer) value).longValue());
        }
        if (type == LayerName.class) {
            return new FieldType(
                    Signature.text(name).matching(LayerName.PATTERN),
                    (value, path) -> new LayerName((String) value),
                    Object::toString);
        }
        if (type == Instant.class) {
            return new FieldType(
                    Signature.text(name),
                    (value, path) -> Instant.parse((String) value),
                    Object::toString);
        }
        throw new IllegalStateException(name + " has the type " + type + ", which no field has");
    }

    private static FieldType unchanged(Field field) {
        return new FieldType(field, (value, path) -> value, value -> value);
    }

    private static FieldType object(String name, Class<?> type, Role role) {
        if (type == KnobValues.class) {
            return new FieldType(
                    Signature.object(name, KnobFields.CONFIG),
                    (value, path) -> new KnobValues((Message) value),
                    value -> ((KnobValues) value).values());
        }
        RecordBinding<?> nested = RecordBinding.nested(type, role);
        return new FieldType(
                Signature.object(name, nested.signature()),
                (value, path) -> nested.read((Message) value, path + "."),
                nested::write);
    }

    private static FieldType list(String name, Type item, Role role) {
        if (item == String.class) {
            return unchanged(Signature.texts(name));
        }
        if (item instanceof ParameterizedType) {
            return unchanged(Signature.textLists(name));
        }
        if (item == Long.class) {
            return unchanged(Signature.integers(name));
        }
        RecordBinding<?> nested = RecordBinding.nested((Class<?>) item, role);
        return new FieldType(
                Signature.list(name, nested.signature()),
                (value, path) -> records(nested, (List<?>) value, path),
                value -> ((List<?>) value).stream().map(nested::write).toList());
    }

    private static List<?> records(RecordBinding<?> nested, List<?> messages, String path) {
        List<Object> records = new ArrayList<>();
        for (Object message : messages) {
            records.add(nested.read((Message) message, path + "[" + records.size() + "]."));
        }
        return records;
    }

    private FieldType limited(AnnotatedElement annotated) {
        return new FieldType(FieldLimits.apply(field, annotated), reader, writer);
    }

    /// Converts a message's value to the component's.
    Object read(Object value, String path) {
        return reader.apply(value, path);
    }

    Object write(Object value) {
        return writer.apply(value);
    }

    /// Converts the text of a default.
    Object parse(String text) {
        Object raw =
                switch (field.kind()) {
                    case BOOLEAN -> Boolean.valueOf(text);
                    case NUMBER -> Double.valueOf(text);
                    case INTEGER -> Long.valueOf(text);
                    case TEXT -> text;
                    default -> throw new IllegalStateException(field + " cannot have a default");
                };
        return reader.apply(raw, field.name());
    }

    private static String snakeCase(String name) {
        return name.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    }
}
