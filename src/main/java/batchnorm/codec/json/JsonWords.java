package batchnorm.codec.json;

import batchnorm.codec.MalformedJson;
import java.io.IOException;
import java.util.regex.Pattern;

/// The literals `true`, `false` and `null` of JSON, and the extensions `NaN` and `Infinity`.
final class JsonWords {
    static final String NON_FINITE_ARE_STRINGS =
            "; NaN, Infinity and -Infinity are written as strings";

    /// The maximum number of letters of an unknown word quoted in a message.
    private static final int LONGEST = 16;

    private static final Pattern NON_FINITE = Pattern.compile("(?i)nan|inf|infinity");

    private JsonWords() {}

    /// Skips a literal.
    ///
    /// @return true
    /// @throws MalformedJson for another word
    static boolean read(JsonReader reader, String word) throws IOException {
        reader.require(LONGEST);
        for (int i = 0; i < word.length(); i++) {
            if (reader.bytes[reader.position + i] != word.charAt(i)) {
                throw unknown(reader);
            }
        }
        if (isLetter(reader.bytes[reader.position + word.length()])) {
            throw unknown(reader);
        }
        reader.position += word.length();
        return true;
    }

    /// Returns an exception about the letters at the position.
    static MalformedJson unknown(JsonReader reader) throws IOException {
        reader.require(LONGEST);
        StringBuilder word = new StringBuilder();
        byte next = reader.bytes[reader.position];
        while (word.length() < LONGEST && isLetter(next)) {
            word.append((char) next);
            next = reader.bytes[reader.position + word.length()];
        }
        String hint =
                NON_FINITE.matcher(word).matches()
                        ? NON_FINITE_ARE_STRINGS
                        : "; its words are true, false and null";
        return reader.malformed('"' + word.toString() + "\" is no value of JSON" + hint);
    }

    static boolean isLetter(byte next) {
        return (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z');
    }
}
