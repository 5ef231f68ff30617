package batchnorm.codec.json;

import batchnorm.codec.MalformedJson;
import java.io.IOException;
import java.util.regex.Pattern;

/// The words of JSON, `true`, `false` and `null`, and those of its extension by `NaN` and
/// `Infinity`.
final class JsonWords {
    static final String NON_FINITE_ARE_STRINGS =
            "; NaN, Infinity and -Infinity are written as strings";

    /// Letters of an unknown word that a complaint quotes.
    private static final int LONGEST = 16;

    private static final Pattern NON_FINITE = Pattern.compile("(?i)nan|inf|infinity");

    private JsonWords() {}

    /// Skips a word.
    ///
    /// @return true
    /// @throws MalformedJson when another one comes
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

    /// A complaint about the letters that come.
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
