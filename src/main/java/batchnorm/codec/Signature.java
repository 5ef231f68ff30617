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
public record Signature(List<Field> fields) {

    public enum Kind {
        /// A tensor in any of its forms.
        TENSOR,
        /// Binary64 numbers, one per channel: a flat JSON array, or a rank-1 array.
        VECTOR,
        NUMBER,
        INTEGER,
        BOOLEAN,
        TEXT,
        /// A nested message.
        OBJECT,
        /// An array of nested messages.
        LIST
    }

    /// @param nullable whether an explicit `null` is an answer (it is then present, and null)
    /// @param nested the fields of a nested message, for [Kind#OBJECT] and [Kind#LIST]
    public record Field(String name, Kind kind, boolean nullable, @Nullable Signature nested) {
        public Field orNull() {
            return new Field(name, kind, true, nested);
        }
    }

    public static Signature of(Field... fields) {
        return new Signature(List.of(fields));
    }

    /// These fields and, behind them, one more.
    public Signature and(Field field) {
        return new Signature(Stream.concat(fields.stream(), Stream.of(field)).toList());
    }

    public static Field tensor(String name) {
        return new Field(name, Kind.TENSOR, false, null);
    }

    public static Field vector(String name) {
        return new Field(name, Kind.VECTOR, false, null);
    }

    public static Field number(String name) {
        return new Field(name, Kind.NUMBER, false, null);
    }

    public static Field integer(String name) {
        return new Field(name, Kind.INTEGER, false, null);
    }

    public static Field bool(String name) {
        return new Field(name, Kind.BOOLEAN, false, null);
    }

    public static Field text(String name) {
        return new Field(name, Kind.TEXT, false, null);
    }

    public static Field object(String name, Signature nested) {
        return new Field(name, Kind.OBJECT, false, nested);
    }

    public static Field list(String name, Signature nested) {
        return new Field(name, Kind.LIST, false, nested);
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
