package batchnorm.codec.json;

import batchnorm.codec.BodyTooLarge;
import batchnorm.codec.Codec;
import batchnorm.codec.InvalidField;
import batchnorm.codec.MalformedJson;
import batchnorm.codec.Message;
import batchnorm.codec.QuotedInput;
import batchnorm.codec.Signature;
import batchnorm.codec.Signature.Field;
import batchnorm.codec.TensorForm;
import batchnorm.tensor.DataType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Reads a JSON object as a message, according to the fields of a signature.
final class JsonMessageReader {
    /// Bounds list items: an empty object takes two bytes of a body and a hundred of memory.
    private static final int MAX_ITEMS = 1000;

    private final JsonReader reader;
    private final NumberReader numbers;
    private final JsonStringReader strings;
    private final JsonWalker walker;
    private final Codec.Limits limits;
    private @Nullable TensorForm form;

    JsonMessageReader(JsonReader reader, Codec.Limits limits) {
        this.reader = reader;
        this.numbers = new NumberReader(reader);
        this.strings = new JsonStringReader(reader);
        this.walker = new JsonWalker(reader, strings);
        this.limits = limits;
    }

    /// Reads the whole body.
    Message read(Signature signature) throws IOException {
        requireObject();
        Message message = object(signature, "");
        if (!reader.atEnd()) {
            throw reader.unexpected("expected the end of the body after the object");
        }
        return form == null ? message : message.in(form);
    }

    private void requireObject() throws IOException {
        if (reader.atEnd()) {
            throw new MalformedJson(reader.offset(), "the body is empty; expected a JSON object");
        }
        if (reader.peek() != '{') {
            long start = reader.offset();
            throw new MalformedJson(
                    start,
                    "byte " + start + ": the body must be a JSON object, but was " + reader.kind());
        }
    }

    private Message object(Signature signature, String prefix) throws IOException {
        Message message = new Message();
        walker.object(prefix, signature, name -> value(message, signature, name, prefix + name));
        return message;
    }

    private void value(Message message, Signature signature, String name, String path)
            throws IOException {
        Field field = signature.field(name).orElseThrow();
        if ((field.nullable() || signature.role() != Signature.Role.PATCH) && reader.skipNull()) {
            if (field.nullable()) {
                message.with(name, (String) null);
            }
            return;
        }
        switch (field.kind()) {
            case TENSOR -> {
                JsonTensorReader tensor =
                        new JsonTensorReader(reader, numbers, strings, limits, path);
                message.with(name, tensor.read());
                form = form == null ? tensor.form() : form;
            }
            case MASK ->
                    message.with(
                            name,
                            new JsonTensorReader(reader, numbers, strings, limits, path)
                                    .allowingBooleans()
                                    .read());
            case VECTOR -> message.with(name, vector(path));
            case NUMBER -> message.with(name, number(path));
            case INTEGER -> message.with(name, integer(path));
            case BOOLEAN -> message.with(name, bool(path));
            case TEXT -> message.with(name, text(path));
            case TEXTS -> message.with(name, list(path, "strings", this::text));
            case COUNTS -> message.with(name, counts(path));
            case INTEGERS, TEXT_LISTS ->
                    throw new IllegalStateException(path + ": no request has a field of this kind");
            case OBJECT -> {
                requireKind('{', path, "an object");
                message.with(name, object(nested(field), path + "."));
            }
            case LIST -> message.with(name, messages(nested(field), path));
        }
    }

    private static Signature nested(Field field) {
        return Objects.requireNonNull(field.nested(), "nested signature");
    }

    private double[] vector(String path) throws IOException {
        requireKind('[', path, "an array of numbers");
        TensorBuilder elements = new TensorBuilder(DataType.FP64, 0, limits);
        new JsonArrayReader(reader, numbers, strings, path, elements, false).readFlat();
        return elements.toDoubles();
    }

    private double[] counts(String path) throws IOException {
        double[] counts =
                reader.peek() == '[' ? vector(path) : new double[] {(double) integer(path)};
        for (double count : counts) {
            if (!(count >= 0 && count <= Integer.MAX_VALUE && count == Math.rint(count))) {
                throw new InvalidField(
                        path,
                        "\"" + path + "\" must be a whole number from 0 on, or an array of them");
            }
        }
        return counts;
    }

    private Double number(String path) throws IOException {
        byte next = reader.peek();
        if (next == '"') {
            String text = strings.read();
            Double value = JsonArrayReader.nonFinite(text);
            if (value == null) {
                throw new InvalidField(
                        path,
                        "\""
                                + path
                                + "\" must be a number, but was the string "
                                + QuotedInput.of(text));
            }
            return value;
        }
        requireNumber(next, path, "a number");
        double value = numbers.read();
        if (Double.isInfinite(value)) {
            throw new InvalidField(path, "\"" + path + "\" is beyond the range of FP64");
        }
        return value;
    }

    private Long integer(String path) throws IOException {
        requireNumber(reader.peek(), path, "an integer");
        NumberLiteral literal = numbers.literal();
        try {
            return literal.toLong();
        } catch (NumberFormatException e) {
            throw new InvalidField(
                    path,
                    "\""
                            + path
                            + "\" must be an integer, but was "
                            + (literal.isInteger() ? "beyond 64 bits" : "written with a fraction"));
        }
    }

    private void requireNumber(byte next, String path, String expected) throws IOException {
        if (!JsonReader.beginsNumber(next)) {
            throw wrongKind(path, expected);
        }
    }

    private Boolean bool(String path) throws IOException {
        byte next = reader.peek();
        if (next != 't' && next != 'f') {
            throw wrongKind(path, "true or false");
        }
        return reader.bool();
    }

    private String text(String path) throws IOException {
        requireKind('"', path, "a string");
        return strings.read();
    }

    private List<Message> messages(Signature signature, String path) throws IOException {
        return list(
                path,
                "objects",
                place -> {
                    requireKind('{', place, "an object");
                    return object(signature, place + ".");
                });
    }

    /// Reads one item of a list.
    private interface Item<T> {
        T read(String path) throws IOException;
    }

    private <T> List<T> list(String path, String items, Item<T> item) throws IOException {
        requireKind('[', path, "an array of " + items);
        List<T> read = new ArrayList<>();
        walker.array(index -> {
            if (index == MAX_ITEMS) {
                throw new BodyTooLarge(path + " has more than " + MAX_ITEMS + " " + items);
            }
            read.add(item.read(path + "[" + index + "]"));
        });
        return read;
    }

    private void requireKind(char mark, String path, String expected) throws IOException {
        if (reader.peek() != mark) {
            throw wrongKind(path, expected);
        }
    }

    private InvalidField wrongKind(String path, String expected) throws IOException {
        return new InvalidField(
                path, "\"" + path + "\" must be " + expected + ", but was " + reader.kind());
    }
}
