package batchnorm.codec.json;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.codec.MalformedJson;
import batchnorm.codec.Trickle;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// JSON strings that arrive a few bytes at a time.
class JsonStringReaderTest {
    private static JsonReader reader(byte[] bytes) throws IOException {
        JsonReader reader = new JsonReader(new Trickle(bytes, 3), 1);
        reader.require(1);
        return reader;
    }

    private static String read(String json) throws IOException {
        JsonReader reader = reader((json + ",").getBytes(UTF_8));
        String text = new JsonStringReader(reader).read();
        assertThat(reader.offset()).isEqualTo(json.getBytes(UTF_8).length);
        return text;
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "~\u007f", "é", "ÿ", "中", "😀", "a b/c'd"})
    void areWhatStandsInTheQuotes(String text) throws IOException {
        assertThat(read('"' + text + '"')).isEqualTo(text);
    }

    @Test
    void resolveEveryEscape() throws IOException {
        assertThat(read("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"")).isEqualTo("\"\\/\b\f\n\r\t");
        assertThat(read("\"\\u0041\\u00e9\\u00E9\\u20aC\\uD83D\\ude00\\u0000\\u007f\\u0080\""))
                .isEqualTo("Aéé€😀\u0000\u007f\u0080");
        assertThat(read("\"\\uffff\\ud7ff\\ue000\"")).isEqualTo("\uffff\ud7ff\ue000");
    }

    @ParameterizedTest
    @ValueSource(ints = {63, 64, 65, 128, 129, 5000, 16_384})
    void mayBeLong(int length) throws IOException {
        String text = "abcdefg".repeat(length / 7 + 1).substring(0, length);
        assertThat(read('"' + text + '"')).isEqualTo(text);
    }

    @Test
    void haveABound() throws IOException {
        String text = "é".repeat(8192); // measured in bytes of UTF-8
        assertThat(read('"' + text + '"')).isEqualTo(text);
        for (String more : new String[] {"a", "\\n", "\\u00e9"}) {
            assertThatThrownBy(() -> read('"' + text + more + '"'))
                    .isInstanceOf(MalformedJson.class)
                    .hasMessageContaining("a string is longer than 16384 bytes");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"ab | 3 | expected the quote that ends a string",
                "\" | 1 | expected the quote that ends a string",
                "\"a\\ | 3 | after a backslash",
                "\"a\\x\" | 3 | expected one of \" \\ / b f n r t u after a backslash, but found 'x'",
                "\"\\u12\" | 5 | four hexadecimal digits after \\u, but found '\"'",
                "\"\\u12G4\" | 5 | four hexadecimal digits after \\u, but found 'G'",
                "\"\\u\u0661234\" | 3 | four hexadecimal digits",
                "\"\\ud800a\" | 7 | half of one",
                "\"\\ud800\\n\" | 7 | half of one",
                "\"\\ud800\\u0041\" | 13 | half of one",
                "\"\\ud800\\ud800\" | 13 | half of one",
                "\"\\udc00\\ud800\" | 7 | half of one",
                "\"\\ud800 | 7 | half of one",
            })
    void areRefusedAtThePlaceOfTheMistake(String json, long offset, String reason)
            throws IOException {
        JsonReader reader = reader(json.getBytes(UTF_8));
        assertThatThrownBy(() -> new JsonStringReader(reader).read())
                .isInstanceOfSatisfying(
                        MalformedJson.class,
                        refused -> assertThat(refused.offset()).isEqualTo(offset))
                .hasMessageContaining(reason);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, '\n', 31})
    void haveNoControlCharacters(int character) {
        assertThatThrownBy(() -> read("\"a" + (char) character + "b\""))
                .isInstanceOf(MalformedJson.class)
                .hasMessageContaining("byte 2: expected \\u escapes for control characters");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u00c3", "\u0080", "\u00e9a", "\u00ed\u00a0\u0080", "\u00c0\u00af"})
    void areUtf8(String bytes) {
        assertThatThrownBy(() ->
                        new JsonStringReader(reader(('"' + bytes + '"').getBytes(ISO_8859_1)))
                                .read())
                .isInstanceOf(MalformedJson.class)
                .hasMessage("byte 0: this string is not valid UTF-8");
    }
}
