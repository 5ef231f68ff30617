package batchnorm.codec;

/// Quotes input in an error message: shortened, and without control characters.
public final class QuotedInput {
    private static final int LONGEST = 40;

    private QuotedInput() {}

    public static String of(String text) {
        String shown = cut(text);
        return '"' + shown + (shown.length() < text.length() ? "…" : "") + '"';
    }

    /// Escapes every character outside ASCII, so that lookalikes differ: `\u0456nput` for a
    /// Cyrillic i.
    public static String ascii(String text) {
        StringBuilder spelled = new StringBuilder();
        cut(text)
                .chars()
                .forEach(character -> {
                    if (character < 0x7F) {
                        spelled.append((char) character);
                    } else {
                        escape(spelled, (char) character);
                    }
                });
        return '"' + spelled.toString() + (text.length() > LONGEST ? "…" : "") + '"';
    }

    /// Returns the shortened text, without the quotes.
    public static String cut(String text) {
        StringBuilder echo = new StringBuilder();
        for (int i = 0; i < text.length() && echo.length() < LONGEST; i++) {
            append(echo, text.charAt(i));
        }
        return echo.toString();
    }

    /// Describes one byte of a body.
    public static String of(byte character) {
        return character > ' ' && character < 0x7F
                ? "'" + (char) character + "'"
                : String.format("the byte 0x%02X", character);
    }

    private static void append(StringBuilder echo, char character) {
        int type = Character.getType(character);
        if (type == Character.CONTROL
                || type == Character.FORMAT
                || type == Character.SURROGATE
                || type == Character.LINE_SEPARATOR
                || type == Character.PARAGRAPH_SEPARATOR) {
            escape(echo, character);
        } else {
            echo.append(character);
        }
    }

    private static void escape(StringBuilder echo, char character) {
        echo.append(String.format("\\u%04X", (int) character));
    }
}
