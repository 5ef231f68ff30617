package batchnorm.service.requests;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A row of `bad-requests.tsv`, whose header explains the columns.
///
/// @param slug `-` for any
/// @param body `-` for none
/// @param words required in the detail
record BadRequest(
        String what,
        int status,
        String slug,
        String method,
        String path,
        List<String> headers,
        String body,
        List<String> words) {
    private static final String NOTHING = "-";
    private static final char STOP = '‸';
    private static final Pattern REPEATED = Pattern.compile("@\\{(\\d+)\\*(.*?)}");
    private static final Pattern LAYER = Pattern.compile("^/layers/([A-Za-z0-9._-]+)");

    static List<BadRequest> table() throws IOException {
        try (InputStream table = BadRequest.class.getResourceAsStream("/bad-requests.tsv")) {
            return new String(table.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(BadRequest::parse)
                    .toList();
        }
    }

    private static BadRequest parse(String line) {
        String[] columns = line.split("\t", -1);
        if (columns.length != 6) {
            throw new IllegalArgumentException("six columns are needed: " + line);
        }
        String[] answer = columns[1].split(" ", 2);
        String[] request = columns[2].split(" ", 2);
        return new BadRequest(
                columns[0],
                Integer.parseInt(answer[0]),
                answer[1],
                request[0],
                expand(request[1]),
                headers(columns[3], columns[4]),
                columns[4],
                columns[5].equals(NOTHING) ? List.of() : List.of(columns[5].split(" ")));
    }

    private static List<String> headers(String column, String body) {
        List<String> headers = new ArrayList<>();
        if (!column.equals(NOTHING)) {
            for (String header : column.split(" ; ")) {
                String[] parts = header.split(":", 2);
                headers.add(parts[0]);
                headers.add(expand(parts[1].strip()));
            }
        }
        if (!body.equals(NOTHING) && !headers.contains("Content-Type")) {
            headers.add("Content-Type");
            headers.add("application/json");
        }
        return headers;
    }

    /// Expands every `@{9*ab}`.
    private static String expand(String text) {
        Matcher repeated = REPEATED.matcher(text);
        return repeated.replaceAll(found ->
                Matcher.quoteReplacement(found.group(2).repeat(Integer.parseInt(found.group(1)))));
    }

    /// Returns the body's bytes; null for none.
    ///
    /// @param names the replacements of `@context` and similar placeholders
    byte[] bytes(Names names) {
        if (body.equals(NOTHING)) {
            return null;
        }
        if (body.startsWith("hex:")) {
            return HexFormat.of().parseHex(body.substring("hex:".length()));
        }
        String text = names.resolve(expand(body));
        return text.replace(String.valueOf(STOP), "").getBytes(StandardCharsets.UTF_8);
    }

    String[] headers(Names names) {
        return headers.stream().map(names::resolve).toArray(String[]::new);
    }

    /// Returns the offset where a reader of the body must stop.
    OptionalInt stop() {
        int stop = body.indexOf(STOP);
        return stop < 0
                ? OptionalInt.empty()
                : OptionalInt.of(body.substring(0, stop).getBytes(StandardCharsets.UTF_8).length);
    }

    /// Returns the path of the layer of the request.
    Stream<String> layer() {
        return LAYER.matcher(path).results().map(found -> "/layers/" + found.group(1));
    }

    @Override
    public String toString() {
        return what;
    }

    /// Values known only once the layers exist.
    record Names(String context, String foreign, String etag) {
        private String resolve(String text) {
            return text.replace("@context", context)
                    .replace("@foreign", foreign)
                    .replace("@etag", etag);
        }
    }
}
