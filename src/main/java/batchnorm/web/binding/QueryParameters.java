package batchnorm.web.binding;

import batchnorm.codec.InvalidField;
import batchnorm.codec.Message;
import batchnorm.codec.QuotedInput;
import batchnorm.codec.Signature;
import batchnorm.codec.Signature.Field;
import jakarta.servlet.http.HttpServletRequest;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Reads query parameters into the fields of a message.
public final class QueryParameters {
    private QueryParameters() {}

    private static final Pattern NUMBER =
            Pattern.compile("-?[0-9]{1,20}(\\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?");
    private static final Pattern COMMA = Pattern.compile(",");
    private static final Pattern COUNTS = Pattern.compile("[0-9]{1,9}(,[0-9]{1,9}){0,31}");

    /// Returns whether a field may be a query parameter.
    public static boolean takes(Field field) {
        return switch (field.kind()) {
            case TEXT, BOOLEAN, NUMBER, INTEGER, COUNTS -> true;
            case TENSOR, MASK, VECTOR, TEXTS, TEXT_LISTS, INTEGERS, OBJECT, LIST -> false;
        };
    }

    /// Adds the query parameters, which complement the tensors of a binary body.
    ///
    /// @throws InvalidField for an unknown or duplicate parameter
    static void complete(Message message, Signature signature, HttpServletRequest request) {
        if (request.getQueryString() != null) {
            new TreeMap<>(request.getParameterMap())
                    .forEach((name, values) -> {
                        if (message.has(name) || values.length > 1) {
                            throw new InvalidField(name, "\"" + name + "\" is given twice");
                        }
                        add(message, signature, name, values[0]);
                    });
        }
    }

    private static void add(Message message, Signature signature, String name, String value) {
        Field field =
                signature
                        .field(name)
                        .filter(QueryParameters::takes)
                        .orElseThrow(() -> unknown(name, signature));
        if (field.nullable() && value.equals("null")) {
            message.with(name, (String) null);
            return;
        }
        switch (field.kind()) {
            case TEXT -> message.with(name, value);
            case BOOLEAN -> message.with(name, (Boolean) bool(name, value));
            case NUMBER ->
                    message.with(
                            name,
                            (Double) Double.parseDouble(matched(NUMBER, name, value, "a number")));
            case INTEGER ->
                    message.with(
                            name, (Long) integer(name, matched(NUMBER, name, value, "an integer")));
            default ->
                    message.with(
                            name,
                            Arrays.stream(
                                            COMMA.split(
                                                    matched(
                                                            COUNTS,
                                                            name,
                                                            value,
                                                            "whole numbers from 0 on, separated by commas")))
                                    .mapToDouble(Integer::parseInt)
                                    .toArray());
        }
    }

    private static long integer(String name, String value) {
        try {
            return new BigDecimal(value).longValueExact();
        } catch (ArithmeticException e) {
            throw new InvalidField(name, "\"" + name + "\" must be an integer of 64 bits");
        }
    }

    private static boolean bool(String name, String value) {
        if (!value.equals("true") && !value.equals("false")) {
            throw new InvalidField(name, "\"" + name + "\" must be true or false");
        }
        return value.equals("true");
    }

    private static String matched(Pattern pattern, String name, String value, String expected) {
        if (!pattern.matcher(value).matches()) {
            throw new InvalidField(name, "\"" + name + "\" must be " + expected);
        }
        return value;
    }

    private static InvalidField unknown(String name, Signature signature) {
        String known =
                signature.fields().stream()
                        .filter(QueryParameters::takes)
                        .map(Field::name)
                        .collect(Collectors.joining(", "));
        return new InvalidField(
                "query",
                known.isEmpty()
                        ? "unknown query parameter %s; this operation takes no query parameters"
                                .formatted(QuotedInput.of(name))
                        : "unknown query parameter %s; this operation takes %s"
                                .formatted(QuotedInput.of(name), known));
    }
}
