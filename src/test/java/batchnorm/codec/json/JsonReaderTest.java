package batchnorm.codec.json;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.codec.MalformedJson;
import batchnorm.codec.Trickle;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonReaderTest {
    private static JsonReader reader(String body) {
        return new JsonReader(new ByteArrayInputStream(body.getBytes(ISO_8859_1)), 3);
    }

    /// A reader that accepts unquoted NaN and infinities, after seven unrelated bytes.
    private static JsonReader open(String body) {
        return new JsonReader(new ByteArrayInputStream(body.getBytes(ISO_8859_1)), 3, true, 7);
    }

    @Test
    void skipsWhiteSpaceAndNothingElse() throws IOException {
        JsonReader reader = reader(" \t\r\n[ \u000b");
        assertThat(reader.peek()).isEqualTo((byte) '[');
        assertThat(reader.offset()).isEqualTo(4);
        assertThat(reader.skip(']')).isFalse();
        assertThat(reader.skip('[')).isTrue();
        assertThat(reader.peek()).isEqualTo((byte) 0x0B);
        assertThat(reader.atEnd()).isFalse();
    }

    @Test
    void distinguishesTheEndFromAZero() throws IOException {
        assertThat(reader("  ").atEnd()).isTrue();
        JsonReader zero = reader("\u0000");
        assertThat(zero.atEnd()).isFalse();
        assertThat(zero.unexpected("expected a value"))
                .hasMessage("byte 0: expected a value, but found the byte 0x00");
        JsonReader end = reader("");
        end.peek();
        assertThat(end.unexpected("expected a value"))
                .hasMessage("byte 0: expected a value, but the body ends");
    }

    @ParameterizedTest
    @ValueSource(ints = {4095, 4096, 4097, 65_535, 65_536, 65_537, 70_000, 200_000})
    void countsTheBytesOfABodyOfAnyLength(int blanks) throws IOException {
        String body = " ".repeat(blanks) + "x" + " ".repeat(blanks) + "y";
        for (int step : new int[] {1000, 1 << 20}) {
            JsonReader reader = new JsonReader(new Trickle(body.getBytes(ISO_8859_1), step), 3);
            assertThat(reader.skip('x')).isTrue();
            assertThat(reader.offset()).isEqualTo(blanks + 1);
            assertThat(reader.peek()).isEqualTo((byte) 'y');
            assertThat(reader.offset()).isEqualTo(2 * blanks + 1);
            assertThat(reader.skip('y')).isTrue();
            assertThat(reader.atEnd()).isTrue();
        }
    }

    @Test
    void givesOutBytesAndTakesThemBack() throws IOException {
        String body = "abcdefghij".repeat(1000);
        JsonReader reader = new JsonReader(new Trickle(body.getBytes(ISO_8859_1), 900), 3);
        reader.require(5);
        reader.position = 5;
        byte[] taken = new byte[5000];
        taken[0] = '#';
        assertThat(reader.take(taken, 1, 5000)).isEqualTo(5000);
        assertThat(new String(taken, ISO_8859_1)).isEqualTo("#" + body.substring(5, 5004));
        assertThat(reader.offset()).isEqualTo(5004);
        reader.putBack(body.substring(4000, 5004).getBytes(ISO_8859_1));
        assertThat(reader.offset()).isEqualTo(4000);
        assertThat(reader.take(taken, 0, 3)).isEqualTo(3);
        reader.putBack(body.substring(4001, 4003).getBytes(ISO_8859_1));
        assertThat(reader.offset()).isEqualTo(4001);
        byte[] rest = new byte[10_000];
        assertThat(reader.take(rest, 0, rest.length)).isEqualTo(5999);
        assertThat(new String(rest, 0, 5999, ISO_8859_1)).isEqualTo(body.substring(4001));
        assertThat(reader.offset()).isEqualTo(10_000);
        assertThat(reader.ended).isTrue();
        reader.putBack(new byte[0]);
        assertThat(reader.ended).isTrue();
        reader.putBack("ij".getBytes(ISO_8859_1));
        assertThat(reader.ended).isFalse();
        assertThat(reader.skip('i')).isTrue();
        assertThat(reader.skip('j')).isTrue();
        assertThat(reader.atEnd()).isTrue();
    }

    @Test
    void returnsNoMoreThanFits() throws IOException {
        JsonReader reader = reader("abcdefghij");
        reader.require(1);
        byte[] taken = "########".getBytes(ISO_8859_1);
        assertThat(reader.take(taken, 2, 5)).isEqualTo(5);
        assertThat(new String(taken, ISO_8859_1)).isEqualTo("##abc###");
        assertThat(reader.offset()).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"x\" | a string",
                "{} | an object",
                "[] | an array",
                "true | true",
                "false | false",
                "null | null",
                "-1 | a number",
                "0 | a number",
                "9 | a number"
            })
    void namesKindsOfValues(String value, String kind) throws IOException {
        assertThat(reader(value).kind()).isEqualTo(kind);
    }

    @ParameterizedTest
    @CsvSource({
        "nul, '\"nul\" is no value of JSON; its words are true, false and null'",
        "nulL, '\"nulL\" is no value'",
        "trua, '\"trua\" is no value'",
        "falze, '\"falze\" is no value'",
        "Infinity, written as strings",
        "NaN, written as strings",
        "x, '\"x\" is no value'",
        "nan, written as strings",
        "nullable, '\"nullable\" is no value'",
        "+1, expected a value",
        "/, expected a value",
        ":, expected a value",
    })
    void refusesWhatIsNoValue(String value, String reason) {
        assertThatThrownBy(() -> reader(value).kind())
                .isInstanceOf(MalformedJson.class)
                .hasMessageContaining("byte 0: ")
                .hasMessageContaining(reason);
    }

    @Test
    void findsNumbersWithoutQuotesWhereTheyMayCome() throws IOException {
        for (String value : new String[] {"NaN", "Infinity", "-Infinity"}) {
            assertThat(reader(value).atBareNonFinite()).isFalse();
            JsonReader reader = open(" " + value + ",");
            assertThat(reader.atBareNonFinite()).isTrue();
            assertThat(reader.bareNonFinite()).isEqualTo(Double.valueOf(value));
            assertThat(reader.offset()).isEqualTo(8 + value.length());
        }
        Trickle trickle = new Trickle("-Infinity".getBytes(ISO_8859_1), 1);
        assertThat(new JsonReader(trickle, 3, true, 0).atBareNonFinite()).isTrue();
        for (String other : new String[] {"-1", "1", "null", "", "-"}) {
            assertThat(open(other).atBareNonFinite()).isFalse();
        }
        JsonReader half = open("-Infinite");
        assertThat(half.atBareNonFinite()).isTrue();
        assertThatThrownBy(half::bareNonFinite)
                .isInstanceOf(MalformedJson.class)
                .hasMessageStartingWith("byte 8: \"Infinite\" is no value of JSON");
    }

    @Test
    void goesAsDeepAsItMay() throws IOException {
        JsonReader reader = reader("[[[[");
        for (int i = 0; i < 3; i++) {
            reader.peek();
            reader.open();
        }
        assertThatThrownBy(reader::open)
                .isInstanceOf(MalformedJson.class)
                .hasMessage("byte 3: nests deeper than 3 levels");
        reader.close();
        reader.close();
        reader.open();
        assertThat(reader.offset()).isEqualTo(4);
    }

    @Test
    void looksForTheMarksBetweenValues() throws IOException {
        JsonReader reader = reader(" , ] ; }");
        assertThat(reader.another(']')).isTrue();
        assertThat(reader.another(']')).isFalse();
        assertThatThrownBy(() -> reader.another('}'))
                .isInstanceOf(MalformedJson.class)
                .hasMessage("byte 5: expected ',' or '}' after a value, but found ';'");
        assertThatThrownBy(() -> reader.expect(':', "after a field name"))
                .isInstanceOf(MalformedJson.class)
                .hasMessage("byte 5: expected ':' after a field name, but found ';'");
        reader.expect(';', "here");
        assertThat(reader.another('}')).isFalse();
    }
}
