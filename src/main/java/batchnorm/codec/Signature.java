package batchnorm.codec;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What a message may say: its fields, in order. Anything else in a body is refused by name.
///
/// In a body that holds one bare array (npy, raw), the array is the first field of kind
/// [Kind#TENSOR].
///
/// @param name what a contract calls such a message; empty where none does
/// @param role decides what a field without further words is: optional in a request, always there
///   in a response
public record Signature(String name, List<Field> fields, Role role) {

    public enum Role {
        /// Fields are optional unless [Field#needed]. A `null` is an absent field, unless null is
        /// one of its values ([Field#orNull]).
        REQUEST,
        /// A merge patch: a `null` would remove a field, and is refused unless null is one of its
        /// values.
        PATCH,
        /// Fields are always there unless [Field#sometimes].
        RESPONSE
    }

    public enum Kind {
        /// A tensor in any of its forms.
        TENSOR,
        /// A tensor of numbers or of booleans, which says nothing about the answer's form.
        MASK,
        /// Binary64 numbers, one per channel: a flat JSON array, or a rank-1 array.
        VECTOR,
        NUMBER,
        INTEGER,
        BOOLEAN,
        TEXT,
        /// An array of strings.
        TEXTS,
        /// An array of whole numbers. Of responses only.
        INTEGERS,
        /// One whole number from 0 on, or an array of them; held as a vector.
        COUNTS,
        /// A nested message.
        OBJECT,
        /// An array of nested messages.
        LIST
    }

    /// Which values a field takes within its kind. Documentation: the code that reads the value
    /// refuses others. Null stands for no limit.
    ///
    /// @param pattern of a whole text
    /// @param longest how many code points a text has at most
    public record Limits(
            @Nullable Double from,
            @Nullable Double above,
            @Nullable Double upTo,
            @Nullable Double below,
            @Nullable String pattern,
            @Nullable Integer longest) {
        static final Limits NONE = new Limits(null, null, null, null, null, null);
    }

    /// @param nullable whether `null` is a value (it is then present, and null)
    /// @param required whether a message is incomplete without it; codecs leave that to their
    ///   callers
    /// @param omissible whether a response may lack it
    /// @param choices the words that a text may be; empty where any will do. Documentation, as
    ///   [Limits]
    /// @param nested the fields of a nested message, for [Kind#OBJECT] and [Kind#LIST]
    public record Field(
            String name,
            Kind kind,
            boolean nullable,
            boolean required,
            boolean omissible,
            Limits limits,
            List<String> choices,
            @Nullable Signature nested) {

        private static Field of(String name, Kind kind) {
            return of(name, kind, null);
        }

        private static Field of(String name, Kind kind, @Nullable Signature nested) {
            return new Field(name, kind, false, false, false, Limits.NONE, List.of(), nested);
        }

        public Field orNull() {
            return new Field(name, kind, true, required, omissible, limits, choices, nested);
        }

        public Field needed() {
            return new Field(name, kind, nullable, true, omissible, limits, choices, nested);
        }

        /// A field that a response may lack.
        public Field sometimes() {
            return new Field(name, kind, nullable, false, true, limits, choices, nested);
        }

        public Field oneOf(List<String> words) {
            return new Field(
                    name, kind, nullable, required, omissible, limits, List.copyOf(words), nested);
        }

        public Field within(Limits range) {
            return new Field(name, kind, nullable, required, omissible, range, choices, nested);
        }

        /// At least so much.
        public Field from(double least) {
            return within(new Limits(least, null, limits.upTo, limits.below, null, null));
        }

        /// More than so much.
        public Field above(double bound) {
            return within(new Limits(null, bound, limits.upTo, limits.below, null, null));
        }

        /// At most so much.
        public Field upTo(double most) {
            return within(new Limits(limits.from, limits.above, most, null, null, null));
        }

        /// Less than so much.
        public Field below(double bound) {
            return within(new Limits(limits.from, limits.above, null, bound, null, null));
        }

        /// A text that matches as a whole.
        public Field matching(String pattern) {
            return within(new Limits(null, null, null, null, pattern, null));
        }

        /// A text of at most so many code points.
        public Field longest(int length) {
            return within(new Limits(null, null, null, null, null, length));
        }

        private Field in(Role role) {
            return role == Role.RESPONSE && !omissible ? needed() : this;
        }
    }

    /// A request that no contract names.
    public static Signature of(Field... fields) {
        return named("", fields);
    }

    /// A request, under the name that a contract gives it.
    public static Signature named(String name, Field... fields) {
        return of(name, Role.REQUEST, fields);
    }

    public static Signature patch(String name, Field... fields) {
        return of(name, Role.PATCH, fields);
    }

    public static Signature response(String name, Field... fields) {
        return of(name, Role.RESPONSE, fields);
    }

    private static Signature of(String name, Role role, Field... fields) {
        return new Signature(name, Stream.of(fields).map(field -> field.in(role)).toList(), role);
    }

    /// These fields and, behind them, more, under another name.
    public Signature and(String otherName, Field... more) {
        return new Signature(
                otherName,
                Stream.concat(fields.stream(), Stream.of(more).map(field -> field.in(role)))
                        .toList(),
                role);
    }

    public static Field tensor(String name) {
        return Field.of(name, Kind.TENSOR);
    }

    public static Field mask(String name) {
        return Field.of(name, Kind.MASK);
    }

    public static Field vector(String name) {
        return Field.of(name, Kind.VECTOR);
    }

    public static Field number(String name) {
        return Field.of(name, Kind.NUMBER);
    }

    public static Field integer(String name) {
        return Field.of(name, Kind.INTEGER);
    }

    public static Field bool(String name) {
        return Field.of(name, Kind.BOOLEAN);
    }

    public static Field text(String name) {
        return Field.of(name, Kind.TEXT);
    }

    public static Field texts(String name) {
        return Field.of(name, Kind.TEXTS);
    }

    public static Field integers(String name) {
        return Field.of(name, Kind.INTEGERS);
    }

    public static Field counts(String name) {
        return Field.of(name, Kind.COUNTS);
    }

    public static Field object(String name, Signature nested) {
        return Field.of(name, Kind.OBJECT, nested);
    }

    public static Field list(String name, Signature nested) {
        return Field.of(name, Kind.LIST, nested);
    }

    public Optional<Field> field(String name) {
        for (Field field : fields) {
            if (field.name().equals(name)) {
                return Optional.of(field);
            }
        }
        return Optional.empty();
    }

    /// The name of the field that a body of one bare array fills.
    public String firstTensor() {
        return fields.stream()
                .filter(field -> field.kind() == Kind.TENSOR)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no field is a tensor: " + names()))
                .name();
    }

    /// The names, for the sentence that refuses another: `input, save_context`.
    public String names() {
        return fields.stream().map(Field::name).collect(Collectors.joining(", "));
    }
}
