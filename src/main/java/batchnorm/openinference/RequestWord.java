package batchnorm.openinference;

import static batchnorm.openinference.InferOperation.BACKWARD;
import static batchnorm.openinference.InferOperation.FORWARD_INFER;
import static batchnorm.openinference.InferOperation.FORWARD_TRAIN;

import batchnorm.codec.InvalidField;
import batchnorm.codec.Message;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// The parameters of a request, in its JSON or its query. Clients without parameters, such as
/// NVIDIA's for Java, can send a query.
enum RequestWord {
    OPERATION(Kind.TEXT, FORWARD_INFER, FORWARD_TRAIN, BACKWARD),
    CONTEXT_ID(Kind.TEXT, BACKWARD),
    MODE(Kind.TEXT, BACKWARD),
    SAVE_CONTEXT(Kind.BOOLEAN, FORWARD_INFER, FORWARD_TRAIN),
    COMMIT(Kind.BOOLEAN, FORWARD_TRAIN),
    RETURN_STATISTICS(Kind.BOOLEAN, FORWARD_TRAIN),
    STATISTICS_BLEND(Kind.NUMBER, FORWARD_INFER, BACKWARD),
    BINARY_DATA_OUTPUT(Kind.BOOLEAN, FORWARD_INFER, FORWARD_TRAIN, BACKWARD);

    /// The reserved names of this server.
    static final InferenceTerms TERMS =
            new InferenceTerms(
                    Arrays.stream(values()).map(RequestWord::word).collect(Collectors.toSet()),
                    InferOperation.INPUTS,
                    Set.of(InferOperation.MASK));

    private static final Pattern NUMBER =
            Pattern.compile(
                    "-?([0-9]{1,20}(\\.[0-9]{0,30})?|\\.[0-9]{1,30})([eE][+-]?[0-9]{1,3})?");

    private enum Kind {
        TEXT("a string"),
        BOOLEAN("true or false"),
        NUMBER("a number");

        private final String expected;

        Kind(String expected) {
            this.expected = expected;
        }
    }

    private final Kind kind;
    private final List<InferOperation> operations;

    RequestWord(Kind kind, InferOperation... operations) {
        this.kind = kind;
        this.operations = List.of(operations);
    }

    /// Returns the name, such as `save_context`.
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<RequestWord> of(String word) {
        return Arrays.stream(values()).filter(known -> known.word().equals(word)).findFirst();
    }

    /// Adds a value to a message, converted to the type of this parameter.
    ///
    /// @param value of the JSON, or a string of the query
    /// @throws InvalidField for a value of another type
    void put(Message target, Object value, boolean inQuery) {
        switch (kind) {
            case TEXT -> target.with(word(), text(value));
            case BOOLEAN -> target.with(word(), bool(value, inQuery));
            case NUMBER -> target.with(word(), number(value));
        }
    }

    private String text(Object value) {
        if (value instanceof String text) {
            return text;
        }
        throw invalid();
    }

    /// Accepts `True` and `False` in a query, because Python writes them.
    private Boolean bool(Object value, boolean inQuery) {
        if (value instanceof Boolean bool) {
            return bool;
        }
        if (inQuery && value instanceof String text) {
            return switch (text) {
                case "true", "True" -> Boolean.TRUE;
                case "false", "False" -> Boolean.FALSE;
                default -> throw invalid();
            };
        }
        throw invalid();
    }

    /// Accepts a string, because the parameters of C++ clients have no fractions.
    private Double number(Object value) {
        return switch (value) {
            case Long whole -> (Double) (double) whole;
            case Double fraction when Double.isFinite(fraction) -> fraction;
            case String text when NUMBER.matcher(text).matches() ->
                    (Double) Double.parseDouble(text);
            default -> throw invalid();
        };
    }

    private InvalidField invalid() {
        return new InvalidField(
                "parameters." + word(),
                "the parameter \"%s\" must be %s".formatted(word(), kind.expected));
    }

    /// @throws InvalidField when the operation lacks this parameter
    void requireIn(InferOperation operation) {
        if (!operations.contains(operation)) {
            throw new InvalidField(
                    "parameters." + word(),
                    "the parameter \"%s\" belongs to the operation %s, not to %s"
                            .formatted(
                                    word(),
                                    operations.stream()
                                            .map(InferOperation::word)
                                            .collect(Collectors.joining(" or ")),
                                    operation.word()));
        }
    }
}
