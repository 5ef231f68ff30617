package batchnorm.codec.json;

import batchnorm.codec.MalformedJson;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Reads JSON strings of bounded length: valid UTF-8, with escapes resolved.
final class JsonStringReader {
    /// Longer than any valid name or text.
    private static final int MAX_BYTES = 1 << 14;

    private final JsonReader reader;
    private byte[] text = new byte[64];
    private int length;

    JsonStringReader(JsonReader reader) {
        this.reader = reader;
    }

    /// Reads the string whose opening quote is at the reader's position.
    String read() throws IOException {
        long start = reader.offset();
        reader.position++;
        length = 0;
        boolean ascii = true;
        while (true) {
            byte next = next();
            if (next == '"') {
                reader.position++;
                return ascii
                        ? new String(text, 0, length, StandardCharsets.ISO_8859_1)
                        : decode(start);
            }
            if (next == '\\') {
                ascii &= append(escape());
            } else if (next >= 0 && next < ' ') {
                throw reader.unexpected(
                        reader.position == reader.limit
                                ? "expected the quote that ends a string"
                                : "expected \\u escapes for control characters in a string");
            } else {
                ascii &= next > 0;
                reader.position++;
                appendByte(next);
            }
        }
    }

    private String decode(long start) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(text, 0, length))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new MalformedJson(start, "byte " + start + ": this string is not valid UTF-8");
        }
    }

    /// Reads the code point of the escape sequence at the position; a surrogate pair is one.
    int escape() throws IOException {
        reader.position++;
        byte kind = next();
        int plain =
                switch (kind) {
                    case '"', '\\', '/' -> kind;
                    case 'b' -> '\b';
                    case 'f' -> '\f';
                    case 'n' -> '\n';
                    case 'r' -> '\r';
                    case 't' -> '\t';
                    case 'u' -> -1;
                    default ->
                            throw reader.unexpected(
                                    "expected one of \" \\ / b f n r t u after a backslash");
                };
        reader.position++;
        return plain >= 0 ? plain : unicode();
    }

    private int unicode() throws IOException {
        char first = hexadecimal();
        if (!Character.isSurrogate(first)) {
            return first;
        }
        reader.require(7);
        boolean pair =
                Character.isHighSurrogate(first)
                        && reader.bytes[reader.position] == '\\'
                        && reader.bytes[reader.position + 1] == 'u';
        if (pair) {
            reader.position += 2;
            char second = hexadecimal();
            if (Character.isLowSurrogate(second)) {
                return Character.toCodePoint(first, second);
            }
        }
        throw reader.malformed("expected a surrogate pair, but found half of one");
    }

    private char hexadecimal() throws IOException {
        int value = 0;
        for (int i = 0; i < 4; i++) {
            byte next = next();
            int digit = next < 0 ? -1 : Character.digit(next, 16);
            if (digit < 0) {
                throw reader.unexpected("expected four hexadecimal digits after \\u");
            }
            value = value << 4 | digit;
            reader.position++;
        }
        return (char) value;
    }

    /// Appends a code point as UTF-8.
    ///
    /// @return whether the code point was ASCII
    private boolean append(int codePoint) {
        if (codePoint < 0x80) {
            appendByte((byte) codePoint);
            return true;
        }
        for (byte part : Character.toString(codePoint).getBytes(StandardCharsets.UTF_8)) {
            appendByte(part);
        }
        return false;
    }

    private void appendByte(byte value) {
        if (length == MAX_BYTES) {
            throw reader.malformed("a string is longer than " + MAX_BYTES + " bytes");
        }
        if (length == text.length) {
            text = Arrays.copyOf(text, 2 * length);
        }
        text[length++] = value;
    }

    private byte next() throws IOException {
        reader.require(1);
        return reader.bytes[reader.position];
    }
}
