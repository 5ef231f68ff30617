package batchnorm.openinference;

import batchnorm.codec.InvalidField;
import batchnorm.codec.Message;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The known parameters of a request, with their types, from the body and the query. Unknown names
/// are ignored, because other extensions may define them.
record RequestParameters(Message values) {

    /// @param query the raw query string, or null
    /// @throws InvalidField for a known parameter of another type, the name of an input, and a
    ///   duplicate
    static RequestParameters of(Message body, @Nullable String query) {
        Message inQuery = new Message();
        if (query != null) {
            Arrays.stream(query.split("&", -1)).forEach(pair -> addPair(inQuery, pair));
        }
        Message all = new Message();
        inQuery.values()
                .forEach((name, value) -> add(all, name, Objects.requireNonNull(value), true));
        Message inBody = new Message();
        body.values()
                .forEach((name, value) -> add(inBody, name, Objects.requireNonNull(value), false));
        for (Map.Entry<String, @Nullable Object> entry : inBody.values().entrySet()) {
            String name = entry.getKey();
            if (all.has(name) && !Objects.equals(all.values().get(name), entry.getValue())) {
                throw new InvalidField(
                        "parameters." + name,
                        "\"%s\" has one value in the query and another in the parameters of the body; give one of them"
                                .formatted(name));
            }
            add(all, name, Objects.requireNonNull(entry.getValue()), false);
        }
        return new RequestParameters(all);
    }

    private static void addPair(Message query, String pair) {
        String[] parts = pair.split("=", 2);
        String name = decoded(parts[0]);
        if (name == null || !RequestWord.TERMS.contains(name)) {
            return;
        }
        if (query.has(name)) {
            throw new InvalidField(name, "\"" + name + "\" is given twice in the query");
        }
        String value = decoded(parts.length == 1 ? "" : parts[1]);
        if (value == null) {
            throw new InvalidField(
                    name,
                    "the value of \"" + name + "\" in the query has a % that begins no escape");
        }
        query.with(name, value);
    }

    private static @Nullable String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException malformed) {
            return null;
        }
    }

    private static void add(Message target, String name, Object value, boolean inQuery) {
        RequestWord word = RequestWord.of(name).orElse(null);
        if (word != null) {
            word.put(target, value, inQuery);
        } else if (RequestWord.TERMS.contains(name)) {
            throw new InvalidField(
                    "parameters." + name,
                    "\"%1$s\" is no parameter but an input: {\"name\": \"%1$s\", \"shape\": …, \"datatype\": …, \"data\": …}"
                            .formatted(name));
        }
    }

    /// @throws InvalidField for a parameter of another operation
    RequestParameters requireThoseOf(InferOperation operation) {
        values.values()
                .keySet()
                .forEach(name -> RequestWord.of(name).orElseThrow().requireIn(operation));
        return this;
    }

    boolean has(RequestWord word) {
        return values.has(word.word());
    }

    @Nullable String text(RequestWord word) {
        return values.text(word.word());
    }

    boolean bool(RequestWord word, boolean otherwise) {
        return values.bool(word.word(), otherwise);
    }

    @Nullable Double number(RequestWord word) {
        return values.number(word.word());
    }
}
