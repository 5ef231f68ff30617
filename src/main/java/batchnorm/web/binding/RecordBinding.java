package batchnorm.web.binding;

import batchnorm.codec.InvalidField;
import batchnorm.codec.Message;
import batchnorm.codec.Signature;
import batchnorm.codec.Signature.Field;
import batchnorm.codec.Signature.Role;
import batchnorm.web.api.ApiAnswer;
import batchnorm.web.api.Change;
import batchnorm.web.api.KnobValues;
import batchnorm.web.api.Knobs;
import batchnorm.web.api.MergePatch;
import batchnorm.web.api.OmitWhenNull;
import batchnorm.web.api.Unwrapped;
import io.swagger.v3.oas.annotations.media.Schema;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Parameter;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Binds a record to messages, with its components as fields.
///
/// A component's name in camel case is the field's name with underscores. Its type, its nullability
/// (JSpecify), its default and its limits (Jakarta Validation) become the field's; see [FieldType]
/// for the types.
final class RecordBinding<R> {
    private static final ClassValue<RecordBinding<?>> BINDINGS =
            new ClassValue<>() {
                @Override
                protected RecordBinding<?> computeValue(Class<?> type) {
                    return new RecordBinding<>(type, roleOf(type));
                }
            };

    private final MethodHandle constructor;
    private final List<Component> components = new ArrayList<>();
    private final Signature signature;

    private RecordBinding(Class<R> type, Role role) {
        RecordComponent[] declared = type.getRecordComponents();
        try {
            Class<?>[] types =
                    Stream.of(declared).map(RecordComponent::getType).toArray(Class<?>[]::new);
            var canonical = type.getDeclaredConstructor(types);
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            constructor =
                    lookup.unreflectConstructor(canonical).asSpreader(Object[].class, types.length);
            for (int i = 0; i < declared.length; i++) {
                MethodHandle accessor = lookup.unreflect(declared[i].getAccessor());
                components.add(
                        component(declared[i], accessor, canonical.getParameters()[i], role));
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(type + " is not a public record", e);
        }
        signature =
                new Signature(
                        schemaName(type),
                        components.stream().flatMap(each -> each.fields().stream()).toList(),
                        role);
    }

    /// Returns the binding of a request or a response.
    @SuppressWarnings("unchecked") // the class value is computed for this type
    static <R> RecordBinding<R> of(Class<R> type) {
        return (RecordBinding<R>) BINDINGS.get(type);
    }

    /// Returns the binding of a record within a request or a response.
    static <R> RecordBinding<R> nested(Class<R> type, Role role) {
        return new RecordBinding<>(type, role);
    }

    private static Role roleOf(Class<?> type) {
        if (ApiAnswer.class.isAssignableFrom(type)) {
            return Role.RESPONSE;
        }
        return type.isAnnotationPresent(MergePatch.class) ? Role.PATCH : Role.REQUEST;
    }

    private static String schemaName(Class<?> type) {
        Schema schema = type.getAnnotation(Schema.class);
        return schema == null ? type.getSimpleName() : schema.name();
    }

    Signature signature() {
        return signature;
    }

    /// Returns the record with the fields of a message.
    ///
    /// @throws InvalidField when a required field is absent, or a value exceeds its limits
    R read(Message message) {
        return read(message, "");
    }

    /// @param prefix of the paths of its fields, such as `parts[0].`
    R read(Message message, String prefix) {
        @Nullable Object[] values = new @Nullable Object[components.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = components.get(i).read(message, prefix);
        }
        return invoke(constructor, (Object) values);
    }

    /// Returns the fields of a record as a message.
    Message write(Object instance) {
        Message message = new Message();
        addTo(message, instance);
        return message;
    }

    private void addTo(Message message, Object instance) {
        for (Component component : components) {
            component.write(message, invoke(component.accessor(), instance));
        }
    }

    /// Rethrows exceptions of the method unchanged.
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    static <T> T invoke(MethodHandle handle, @Nullable Object argument) {
        try {
            return (T) handle.invoke(argument);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static Component component(
            RecordComponent component, MethodHandle accessor, Parameter parameter, Role role) {
        if (!component.isAnnotationPresent(Unwrapped.class)) {
            return Single.of(component, accessor, parameter, role);
        }
        boolean nullable = component.getAnnotatedType().isAnnotationPresent(Nullable.class);
        if (component.getType() == KnobValues.class) {
            Knobs knobs = component.getAnnotation(Knobs.class);
            return new UnwrappedKnobs(
                    accessor,
                    knobs == null ? KnobFields.CONFIG.fields() : KnobFields.of(knobs.value()));
        }
        return new UnwrappedRecord(accessor, nested(component.getType(), role), nullable);
    }

    /// A component of the record, with one field or several.
    private sealed interface Component {
        MethodHandle accessor();

        List<Field> fields();

        @Nullable Object read(Message message, String prefix);

        void write(Message message, @Nullable Object value);
    }

    /// @param fallback the value of an absent field; null if it is required or nullable
    private record Single(
            MethodHandle accessor,
            Field field,
            FieldType type,
            boolean change,
            boolean omitted,
            @Nullable Object fallback)
            implements Component {

        private static Single of(
                RecordComponent component, MethodHandle accessor, Parameter parameter, Role role) {
            boolean change = component.getType() == Change.class;
            FieldType type = FieldType.of(component, role);
            boolean nullable = component.getAnnotatedType().isAnnotationPresent(Nullable.class);
            boolean omitted = component.isAnnotationPresent(OmitWhenNull.class);
            // Responses have no defaults, and the command line has no Spring.
            DefaultValue value =
                    role == Role.RESPONSE ? null : parameter.getAnnotation(DefaultValue.class);
            Field field = type.field();
            if (role == Role.RESPONSE) {
                field = omitted ? field.sometimes() : field.needed();
                field = nullable && !omitted ? field.orNull() : field;
            } else if (change) {
                field = field.orNull();
            } else if (!nullable && value == null) {
                field = field.needed();
            }
            Object fallback = value == null ? null : type.parse(String.join(",", value.value()));
            return new Single(accessor, field, type, change, omitted, fallback);
        }

        @Override
        public List<Field> fields() {
            return List.of(field);
        }

        @Override
        public @Nullable Object read(Message message, String prefix) {
            String path = prefix + field.name();
            Object raw = message.values().get(field.name());
            if (change) {
                return message.has(field.name())
                        ? Change.to(raw == null ? null : type.read(raw, path))
                        : Change.absent();
            }
            if (raw == null) {
                if (field.required()) {
                    throw new InvalidField(path, "\"" + path + "\" is required" + choices());
                }
                return fallback;
            }
            return type.read(raw, path);
        }

        private String choices() {
            return field.choices().isEmpty()
                    ? ""
                    : ", one of " + String.join(", ", field.choices());
        }

        @Override
        public void write(Message message, @Nullable Object value) {
            if (value != null) {
                message.put(field.name(), type.write(value));
            } else if (!omitted) {
                message.put(field.name(), null);
            }
        }
    }

    private record UnwrappedRecord(MethodHandle accessor, RecordBinding<?> nested, boolean nullable)
            implements Component {

        @Override
        public List<Field> fields() {
            List<Field> fields = nested.signature().fields();
            return nullable ? fields.stream().map(Field::sometimes).toList() : fields;
        }

        @Override
        public Object read(Message message, String prefix) {
            return nested.read(message, prefix);
        }

        @Override
        public void write(Message message, @Nullable Object value) {
            if (value != null) {
                nested.addTo(message, value);
            }
        }
    }

    private record UnwrappedKnobs(MethodHandle accessor, List<Field> fields) implements Component {

        @Override
        public Object read(Message message, String prefix) {
            Message knobs = new Message();
            for (Field field : fields) {
                if (message.has(field.name())) {
                    knobs.put(field.name(), message.values().get(field.name()));
                }
            }
            return new KnobValues(knobs);
        }

        @Override
        public void write(Message message, @Nullable Object value) {
            ((KnobValues) Objects.requireNonNull(value)).values().values().forEach(message::put);
        }
    }
}
