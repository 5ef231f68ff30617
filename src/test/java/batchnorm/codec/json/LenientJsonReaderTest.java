package batchnorm.codec.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.codec.Codec;
import batchnorm.codec.InvalidField;
import batchnorm.codec.MalformedJson;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// JSON with `'` for the quotes, at most four levels deep.
class LenientJsonReaderTest {
    private static final Codec.Limits LIMITS = new Codec.Limits(1000, 4);

    private static LenientJsonReader json(String text) {
        return new LenientJsonReader(
                new ByteArrayInputStream(text.replace('\'', '"').getBytes(UTF_8)), LIMITS, 100);
    }

    /// Reads the strings under the name `a` of an object with other fields.
    private static List<String> known(String text) throws IOException {
        LenientJsonReader json = json(text);
        List<String> texts = new ArrayList<>();
        json.object("x", Map.of("a", () -> texts.add(json.text("x.a"))));
        assertThat(json.reader.atEnd()).isTrue();
        return texts;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1",
                "-1.5e3",
                "true",
                "false",
                "null",
                "'text'",
                "NaN",
                "Infinity",
                "-Infinity",
                "[]",
                "[[[]],[1,2],[],'x']",
                "{}",
                "{'a':1,'b':{'a':[]},'a':2}",
            })
    void skipsWhateverIsNotKnown(String value) throws IOException {
        String field = "'b':" + value + ",";
        assertThat(known("{" + field.repeat(10) + "'a':'read'," + field + "'c':0}"))
                .containsExactly("read");
    }

    @Test
    void takesNullForAbsent() throws IOException {
        assertThat(known("{'a':null}")).isEmpty();
        assertThat(known("{}")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "{'a':'1','a':'2'}; \"x.a\" is given twice",
                "{'a':null,'a':'2'}; \"x.a\" is given twice",
                "{'a':7}; \"x.a\" must be a string, but was a number",
                "7; \"x\" must be an object, but was a number",
            })
    void refusesWhatIsKnownOtherwise(String text, String message) {
        assertThatThrownBy(() -> known(text)).isInstanceOf(InvalidField.class).hasMessage(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "``; byte 100: expected an object, but the body ends",
                "{; byte 101: expected a field name in quotes, but the body ends",
                "{'a'; byte 104: expected ':' after a field name, but the body ends",
                "{'a':; byte 105: expected a string, but the body ends",
                "{'b':}; byte 105: expected a value, but found '}'",
                "{'b':[[[[; byte 108: nests deeper than 4 levels",
                "{'b':Nan}; `byte 105: \"Nan\" is no value of JSON; NaN, Infinity and -Infinity are written as strings`",
                "{'b':-I}; `byte 106: \"I\" is no value of JSON; its words are true, false and null`",
                "{b:1}; byte 101: expected a field name in quotes, but found 'b'",
            })
    void namesThePlaceInWhatACallerSent(String text, String message) {
        assertThatThrownBy(() -> known(text)).isInstanceOf(MalformedJson.class).hasMessage(message);
    }

    @Test
    void readsEntriesUnderAnyNames() throws IOException {
        LenientJsonReader json = json("{'b':'1','':'2','a':'3'}");
        List<String> read = new ArrayList<>();
        json.entries("x", name -> read.add(name + json.text("x")));
        assertThat(read).containsExactly("b1", "2", "a3");
        LenientJsonReader twice = json("{'b':'1','b':'2'}");
        assertThatThrownBy(() -> twice.entries("", name -> twice.text("x")))
                .isInstanceOf(InvalidField.class)
                .hasMessage("\"b\" is given twice");
        assertThatThrownBy(() -> json("[]").entries("", name -> {}))
                .isInstanceOf(InvalidField.class)
                .hasMessage("\"the body\" must be an object, but was an array");
    }

    @Test
    void readsParametersOfPlainKinds() throws IOException {
        LenientJsonReader json =
                json(
                        "{'text':'a','no':false,'yes':true,'one':-1,'most':9223372036854775807,"
                                + "'more':9223372036854775808,'half':0.5,'e':1e2,"
                                + "'list':[[]],'object':{},'null':null,'nan':NaN,'inf':-Infinity}");
        assertThat(json.parameters("x", Set.of(), name -> {}).values())
                .hasSize(8)
                .containsEntry("text", "a")
                .containsEntry("no", false)
                .containsEntry("yes", true)
                .containsEntry("one", -1L)
                .containsEntry("most", Long.MAX_VALUE)
                .containsEntry("more", 0x1p63)
                .containsEntry("half", 0.5)
                .containsEntry("e", 100L);
        assertThatThrownBy(() -> json("{'a':1,'a':2}").parameters("x", Set.of(), name -> {}))
                .isInstanceOf(InvalidField.class)
                .hasMessage("\"x.a\" is given twice");
        assertThatThrownBy(() -> json("'a'").parameters("x", Set.of(), name -> {}))
                .isInstanceOf(InvalidField.class)
                .hasMessage("\"x\" must be an object, but was a string");
    }

    @Test
    void closesWhatItOpens() throws IOException {
        LenientJsonReader json = json("{} [] {'a':1} [1] {} [] {} [] {} []");
        for (int i = 0; i < 5; i++) {
            assertThat(json.parameters("x", Set.of(), name -> {}).values().size())
                    .isEqualTo(i == 1 ? 1 : 0);
            json.array("x", 1, index -> json.numbers.read());
        }
        assertThat(json.reader.atEnd()).isTrue();
    }

    @Test
    void readsArraysUpToABound() throws IOException {
        for (int most = 0; most <= 3; most++) {
            LenientJsonReader json = json("[0,1,2]");
            List<Integer> indices = new ArrayList<>();
            int bound = most;
            if (most == 3) {
                json.array("x", most, index -> indices.add(index + (int) json.numbers.read()));
                assertThat(indices).containsExactly(0, 2, 4);
            } else {
                assertThatThrownBy(() -> json.array("x", bound, index -> json.numbers.read()))
                        .isInstanceOf(InvalidField.class)
                        .hasMessage("x has more than %d elements", bound);
            }
        }
    }
}
