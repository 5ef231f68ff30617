package batchnorm.codec;

/// Quotes what a caller sent, for an error message: in quotes, short, and without control
/// characters.
final class Echo {
    private static final int LONGEST = 40;

    private Echo() {}

    static String of(String text) {
        String shown = cut(text);
        return '"' + shown + (shown.length() < text.length() ? "…" : "") + '"';
    }

    /// The beginning of a text, without the quotes.
    static String cut(String text) {
        StringBuilder echo = new StringBuilder();
        for (int i = 0; i < text.length() && echo.length() < LONGEST; i++) {
            append(echo, text.charAt(i));
        }
        return echo.toString();
    }

    /// One byte of a body.
    static String of(byte character) {
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
            echo.append(String.format("\\u%04X", (int) character));
        } else {
            echo.append(character);
        }
    }
}
