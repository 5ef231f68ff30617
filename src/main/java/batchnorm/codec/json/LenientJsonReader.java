package batchnorm.codec.json;

import batchnorm.codec.Codec;
import batchnorm.codec.InvalidField;
import batchnorm.codec.Message;
import batchnorm.codec.QuotedInput;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Reads the JSON of an extensible protocol: unknown fields are skipped, `null` means absent, and
/// NaN and the infinities may be unquoted.
public final class LenientJsonReader {
    private static final int MAX_PARAMETERS = 256;

    public final JsonReader reader;
    public final JsonStringReader strings;
    public final NumberReader numbers;
    private final JsonWalker walker;

    public LenientJsonReader(InputStream body, Codec.Limits limits) {
        this(body, limits, 0);
    }

    /// @param start the offset of the first byte in the request, for error messages
    public LenientJsonReader(InputStream body, Codec.Limits limits, long start) {
        this.reader = new JsonReader(body, limits.depth(), true, start);
        this.strings = new JsonStringReader(reader);
        this.numbers = new NumberReader(reader);
        this.walker = new JsonWalker(reader, strings);
    }

    /// Reads the value of a known field.
    public interface Field {
        void read() throws IOException;
    }

    /// Reads one element of an array.
    public interface Element {
        void read(int index) throws IOException;
    }

    /// Reads the value under an arbitrary name.
    public interface Entry {
        void read(String name) throws IOException;
    }

    /// Reads an object, field by field.
    ///
    /// @param path of the object, for error messages; empty for the body
    public void object(String path, Map<String, Field> known) throws IOException {
        Set<String> given = new HashSet<>();
        names(
                path,
                name -> {
                    Field field = known.get(name);
                    if (field != null && !given.add(name)) {
                        throw twice(within(path, name));
                    }
                    if (field == null) {
                        skipValue();
                    } else if (!reader.skipNull()) {
                        field.read();
                    }
                });
    }

    /// Reads an object with arbitrary, unique names.
    ///
    /// @param path of the object, for error messages; empty for the body
    public void entries(String path, Entry entry) throws IOException {
        Set<String> given = new HashSet<>();
        names(
                path,
                name -> {
                    if (!given.add(name)) {
                        throw twice(within(path, name));
                    }
                    entry.read(name);
                });
    }

    private void names(String path, JsonWalker.Entry entry) throws IOException {
        requireKind('{', path.isEmpty() ? "the body" : path, "an object");
        walker.object(entry);
    }

    /// Reads an object of strings, numbers and booleans under arbitrary names. Other values are
    /// skipped; under a known name they are replaced by an empty message. A null is absent.
    ///
    /// @param names receives each name before its value is read
    public Message parameters(String path, Set<String> known, Consumer<String> names)
            throws IOException {
        requireKind('{', path, "an object");
        Message parameters = new Message();
        walker.object(name -> {
            if (parameters.has(name)) {
                throw twice(within(path, name));
            }
            if (parameters.values().size() == MAX_PARAMETERS) {
                throw new InvalidField(
                        path, path + " has more than " + MAX_PARAMETERS + " entries");
            }
            names.accept(name);
            parameter(parameters, name, known.contains(name));
        });
        return parameters;
    }

    private void parameter(Message parameters, String name, boolean known) throws IOException {
        byte next = reader.peek();
        if (next == '"') {
            parameters.with(name, strings.read());
        } else if (next == 't' || next == 'f') {
            parameters.with(name, (Boolean) reader.bool());
        } else if (JsonReader.beginsNumber(next) && !reader.atBareNonFinite()) {
            NumberLiteral literal = numbers.literal();
            try {
                parameters.with(name, (Long) literal.toLong());
            } catch (NumberFormatException notAnInteger) {
                parameters.with(name, (Double) literal.toDouble());
            }
        } else if (!reader.skipNull()) {
            skipValue();
            if (known) {
                parameters.with(name, new Message());
            }
        }
    }

    /// Reads an array, element by element.
    public void array(String path, int most, Element element) throws IOException {
        requireKind('[', path, "an array");
        walker.array(index -> {
            if (index == most) {
                throw new InvalidField(path, path + " has more than " + most + " elements");
            }
            element.read(index);
        });
    }

    public String text(String path) throws IOException {
        requireKind('"', path, "a string");
        return strings.read();
    }

    /// Reads the next value: a map by unique names, a list, a [String], a [Double] or a [Boolean].
    ///
    /// @param path of the value, for error messages
    /// @param count runs before each value
    /// @return null for a JSON null
    public @Nullable Object value(String path, Runnable count) throws IOException {
        count.run();
        byte next = reader.peek();
        return switch (next) {
            case '{' -> object(path, count);
            case '[' -> array(path, count);
            case '"' -> strings.read();
            case 't', 'f' -> (Object) (Boolean) reader.bool();
            default -> reader.skipNull() ? null : (Double) number();
        };
    }

    private Map<String, @Nullable Object> object(String path, Runnable count) throws IOException {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        entries(path, name -> object.put(name, value(name, count)));
        return object;
    }

    private List<@Nullable Object> array(String path, Runnable count) throws IOException {
        List<@Nullable Object> array = new ArrayList<>();
        array(path, Integer.MAX_VALUE, _ -> array.add(value(path, count)));
        return array;
    }

    private double number() throws IOException {
        return reader.atBareNonFinite() ? reader.bareNonFinite() : numbers.read();
    }

    /// Skips the next value.
    private void skipValue() throws IOException {
        byte next = reader.peek();
        switch (next) {
            case '{' -> object("", Map.of());
            case '[' -> array("", Integer.MAX_VALUE, index -> skipValue());
            case '"' -> strings.read();
            default -> {
                if (reader.atBareNonFinite()) {
                    reader.bareNonFinite();
                } else if (JsonReader.beginsNumber(next)) {
                    numbers.read();
                } else {
                    reader.kind();
                }
            }
        }
    }

    private void requireKind(char mark, String path, String expected) throws IOException {
        if (reader.atEnd()) {
            throw reader.unexpected("expected " + expected);
        }
        if (reader.peek() != mark) {
            throw new InvalidField(
                    path, "\"" + path + "\" must be " + expected + ", but was " + reader.kind());
        }
    }

    private static String within(String path, String name) {
        return path.isEmpty() ? QuotedInput.cut(name) : path + "." + QuotedInput.cut(name);
    }

    private static InvalidField twice(String path) {
        return new InvalidField(path, "\"" + path + "\" is given twice");
    }
}
