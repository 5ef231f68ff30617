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
public record Signature(String name, List<Field> fields) {

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
        /// One whole number from 0 on, or an array of them; held as a vector.
        COUNTS,
        /// A nested message.
        OBJECT,
        /// An array of nested messages.
        LIST
    }

    /// @param nullable whether an explicit `null` is an answer (it is then present, and null)
    /// @param required whether a message is incomplete without it; codecs leave that to their
    ///   callers
    /// @param choices the words that a text may be; empty where any will do. Documentation: whoever
    ///   reads the word refuses others
    /// @param nested the fields of a nested message, for [Kind#OBJECT] and [Kind#LIST]
    public record Field(
            String name,
            Kind kind,
            boolean nullable,
            boolean required,
            List<String> choices,
            @Nullable Signature nested) {

        private static Field of(String name, Kind kind) {
            return new Field(name, kind, false, false, List.of(), null);
        }

        public Field orNull() {
            return new Field(name, kind, true, required, choices, nested);
        }

        public Field needed() {
            return new Field(name, kind, nullable, true, choices, nested);
        }

        public Field oneOf(List<String> words) {
            return new Field(name, kind, nullable, required, List.copyOf(words), nested);
        }
    }

    public static Signature of(Field... fields) {
        return new Signature("", List.of(fields));
    }

    /// The same fields under the name that a contract gives them.
    public static Signature named(String name, Field... fields) {
        return new Signature(name, List.of(fields));
    }

    /// These fields and, behind them, more, under another name.
    public Signature and(String otherName, Field... more) {
        return new Signature(otherName, Stream.concat(fields.stream(), Stream.of(more)).toList());
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

    public static Field counts(String name) {
        return Field.of(name, Kind.COUNTS);
    }

    public static Field object(String name, Signature nested) {
        return new Field(name, Kind.OBJECT, false, false, List.of(), nested);
    }

    public static Field list(String name, Signature nested) {
        return new Field(name, Kind.LIST, false, false, List.of(), nested);
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
