package batchnorm.web;

import batchnorm.codec.InvalidField;
import batchnorm.codec.Message;
import batchnorm.codec.Signature;
import batchnorm.codec.Signature.Field;
import batchnorm.codec.Signature.Kind;
import java.util.stream.Collectors;

/// Query parameters that stand for fields of a message.
final class QueryParameters {
    private QueryParameters() {}

    /// Whether a field is short enough to travel in a query.
    static boolean takes(Field field) {
        return field.kind() == Kind.TEXT
                || field.kind() == Kind.BOOLEAN
                || field.kind() == Kind.INTEGER
                || field.kind() == Kind.NUMBER;
    }

    static void add(Message message, Signature signature, String name, String value) {
        Kind kind = signature.field(name).map(Field::kind).orElse(null);
        if (kind == Kind.TEXT) {
            message.with(name, value);
        } else if (kind == Kind.BOOLEAN && (value.equals("true") || value.equals("false"))) {
            message.with(name, Boolean.valueOf(value));
        } else if (kind == Kind.BOOLEAN) {
            throw new InvalidField(name, "\"" + name + "\" must be true or false");
        } else if (kind == Kind.INTEGER) {
            message.with(name, integer(name, value));
        } else if (kind == Kind.NUMBER) {
            message.with(name, number(name, value));
        } else {
            String known =
                    signature.fields().stream()
                            .filter(QueryParameters::takes)
                            .map(Field::name)
                            .collect(Collectors.joining(", "));
            throw new InvalidField(
                    "query",
                    known.isEmpty()
                            ? "this operation takes no query parameters"
                            : "unknown query parameter; this operation takes " + known);
        }
    }

    private static Long integer(String name, String value) {
        try {
            return Long.valueOf(value);
        } catch (NumberFormatException notOne) {
            throw new InvalidField(name, "\"" + name + "\" must be an integer");
        }
    }

    private static Double number(String name, String value) {
        try {
            return Double.valueOf(value);
        } catch (NumberFormatException notANumber) {
            throw new InvalidField(name, "\"" + name + "\" must be a number");
        }
    }
}
