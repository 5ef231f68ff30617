package batchnorm.codec;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The fields that a message may have, in order. Any other field in a body is rejected by name.
///
/// In a body that holds one bare array (npy, raw), the array is the first field of kind
/// [Kind#TENSOR].
///
/// @param name the name of such a message in the contract; empty if it has none
/// @param role sets the default for fields: optional in a request, always present in a response
public record Signature(String name, List<Field> fields, Role role) {

    public enum Role {
        /// Fields are optional unless [Field#needed]. A `null` is an absent field, unless the field
        /// accepts null ([Field#orNull]).
        REQUEST,
        /// A merge patch: a `null` would remove a field. It is rejected unless a field accepts
        /// null.
        PATCH,
        /// Fields are always present unless [Field#sometimes].
        RESPONSE
    }

    public enum Kind {
        /// A tensor in any of its forms.
        TENSOR,
        /// A tensor of numbers or of booleans that does not affect the form of the response.
        MASK,
        /// Binary64 numbers, one per channel: a flat JSON array, or a rank-1 array.
        VECTOR,
        NUMBER,
        INTEGER,
        BOOLEAN,
        TEXT,
        /// An array of strings.
        TEXTS,
        /// An array of arrays of strings, in responses only.
        TEXT_LISTS,
        /// An array of integers, in responses only.
        INTEGERS,
        /// A non-negative integer, or an array of them; held as a vector.
        COUNTS,
        /// A nested message.
        OBJECT,
        /// An array of nested messages.
        LIST
    }

    /// The values that a field takes within its kind, for documentation: the code that reads the
    /// value enforces them. Null means no limit.
    ///
    /// @param pattern matches the whole text
    /// @param longest the maximum number of code points of a text
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
    /// @param required whether a message must have it; codecs leave that check to their callers
    /// @param omissible whether a response may omit it
    /// @param choices the permitted texts; empty if any text is permitted. For documentation, as
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

        /// Lets a response omit the field.
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

        /// Sets the inclusive minimum.
        public Field from(double least) {
            return within(new Limits(least, null, limits.upTo, limits.below, null, null));
        }

        /// Sets the exclusive minimum.
        public Field above(double bound) {
            return within(new Limits(null, bound, limits.upTo, limits.below, null, null));
        }

        /// Sets the inclusive maximum.
        public Field upTo(double most) {
            return within(new Limits(limits.from, limits.above, most, null, null, null));
        }

        /// Sets the exclusive maximum.
        public Field below(double bound) {
            return within(new Limits(limits.from, limits.above, null, bound, null, null));
        }

        /// Sets the pattern that the whole text must match.
        public Field matching(String pattern) {
            return within(new Limits(null, null, null, null, pattern, null));
        }

        /// Sets the maximum number of code points.
        public Field longest(int length) {
            return within(new Limits(null, null, null, null, null, length));
        }

        private Field in(Role role) {
            return role == Role.RESPONSE && !omissible ? needed() : this;
        }
    }

    /// Returns the signature of a request without a name in the contract.
    public static Signature of(Field... fields) {
        return named("", fields);
    }

    /// Returns the signature of a request with its name in the contract.
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

    /// Returns a signature with another name that appends fields to these.
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

    public static Field textLists(String name) {
        return Field.of(name, Kind.TEXT_LISTS);
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

    /// Returns the name of the field that holds a body of one bare array.
    public String firstTensor() {
        return fields.stream()
                .filter(field -> field.kind() == Kind.TENSOR)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no field is a tensor: " + names()))
                .name();
    }

    /// Returns the names as a list for an error message: `input, save_context`.
    public String names() {
        return fields.stream().map(Field::name).collect(Collectors.joining(", "));
    }
}
