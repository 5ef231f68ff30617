package batchnorm.client;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** Reads and writes the JSON of the service. Objects are maps, arrays lists, numbers longs or doubles. */
final class Json {
    private static final Pattern TOKEN =
            Pattern.compile("\\s*+([\\[\\]{},:]|\"(?:[^\"\\\\]++|\\\\.)*+\"|[^\\s\\[\\]{},:\"]++)\\s*+");
    private static final Pattern ESCAPE = Pattern.compile("\\\\(?:u(\\p{XDigit}{4})|(.))");
    private static final String ESCAPED = "bfnrt";
    private static final String CONTROLS = "\b\f\n\r\t";

    private final Matcher tokens;

    private Json(String text) {
        tokens = TOKEN.matcher(text);
    }

    /** @throws IllegalArgumentException for a text that is not JSON */
    @SuppressWarnings("unchecked") // names are strings by construction
    static Map<String, Object> readObject(String text) {
        return new Json(text).value() instanceof Map<?, ?> object ? (Map<String, Object>) object : Map.of();
    }

    private String next() {
        if (!tokens.lookingAt()) {
            throw new IllegalArgumentException("the response is not JSON");
        }
        String token = tokens.group(1);
        tokens.region(tokens.end(), tokens.regionEnd());
        return token;
    }

    private Object value() {
        return value(next());
    }

    private Object value(String token) {
        return switch (token.charAt(0)) {
            case '{' -> object();
            case '[' -> array();
            case '"' -> text(token);
            case 'n' -> null;
            case 't', 'f' -> Boolean.valueOf(token);
            default -> token.matches("-?\\d{1,18}") ? (Object) Long.valueOf(token) : (Object) Double.valueOf(token);
        };
    }

    private Map<String, Object> object() {
        Map<String, Object> object = new LinkedHashMap<>();
        for (String token = next(); !token.equals("}"); token = next()) {
            String name = token.equals(",") ? next() : token;
            next(); // the colon
            object.put(text(name), value());
        }
        return object;
    }

    private List<Object> array() {
        List<Object> array = new ArrayList<>();
        for (String token = next(); !token.equals("]"); token = next()) {
            array.add(token.equals(",") ? value() : value(token));
        }
        return array;
    }

    private static String text(String quoted) {
        return ESCAPE.matcher(quoted.substring(1, quoted.length() - 1))
                .replaceAll(escape -> Matcher.quoteReplacement(character(escape.group(1), escape.group(2))));
    }

    private static String character(String code, String letter) {
        if (code != null) {
            return Character.toString((char) Integer.parseInt(code, 16));
        }
        int control = ESCAPED.indexOf(letter);
        return control < 0 ? letter : CONTROLS.substring(control, control + 1);
    }

    static String write(Object value) {
        if (value instanceof Map<?, ?> object) {
            return object.entrySet().stream()
                    .map(entry -> quoted(entry.getKey()) + ":" + write(entry.getValue()))
                    .collect(Collectors.joining(",", "{", "}"));
        }
        if (value instanceof Iterable<?> array) {
            return StreamSupport.stream(array.spliterator(), false)
                    .map(Json::write)
                    .collect(Collectors.joining(",", "[", "]"));
        }
        if (value instanceof double[] vector) {
            return write(Arrays.stream(vector).boxed().toList());
        }
        boolean isFinite = !(value instanceof Double number) || Double.isFinite(number);
        boolean isPlain = value == null || value instanceof Boolean || value instanceof Number && isFinite;
        return isPlain ? String.valueOf(value) : quoted(value);
    }

    private static String quoted(Object text) {
        StringBuilder out = new StringBuilder("\"");
        for (char c : text.toString().toCharArray()) {
            out.append(c == '"' || c == '\\' ? "\\" + c : c < ' ' ? "\\u%04x".formatted((int) c) : String.valueOf(c));
        }
        return out.append('"').toString();
    }
}
