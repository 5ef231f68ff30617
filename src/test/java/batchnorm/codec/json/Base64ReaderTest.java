package batchnorm.codec.json;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.codec.BodyTooLarge;
import batchnorm.codec.MalformedJson;
import batchnorm.codec.MalformedTensor;
import batchnorm.codec.Trickle;
import batchnorm.fixtures.RandomSeed;
import java.io.IOException;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Base64ReaderTest {
    private static final int CHUNK = (1 << 14) / 4 * 3;

    private static byte[] read(String json, int step, long limit) throws IOException {
        JsonReader reader = new JsonReader(new Trickle(json.getBytes(ISO_8859_1), step), 1);
        reader.require(1);
        byte[] bytes =
                new Base64Reader(reader, new JsonStringReader(reader), "x", limit, count -> {})
                        .read();
        assertThat(reader.offset()).isEqualTo(json.indexOf('"', 1) + 1);
        return bytes;
    }

    private static String quoted(byte[] bytes) {
        return '"' + Base64.getEncoder().encodeToString(bytes) + '"';
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        RandomSeed.random(size).nextBytes(bytes);
        return bytes;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 1000, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 100_000})
    void readsAnyNumberOfBytes(int size) throws IOException {
        byte[] bytes = random(size);
        String json = quoted(bytes);
        for (int step : new int[] {100, 4096, 16_385, 1 << 20}) {
            assertThat(read(json + ",", step, size)).isEqualTo(bytes);
        }
    }

    /// Alternates between escaped and plain characters.
    @Test
    void resolvesEscapesWhereverTheyStand() throws IOException {
        byte[] bytes = random(CHUNK + 100);
        String base64 = Base64.getEncoder().encodeToString(bytes);
        for (int every = 1; every <= 3; every++) {
            StringBuilder json = new StringBuilder("\"");
            for (int i = 0; i < base64.length(); i++) {
                char character = base64.charAt(i);
                json.append(i % every == 0 ? "\\u%04x".formatted((int) character) : "" + character);
            }
            assertThat(read(json.append("\",").toString(), 777, bytes.length)).isEqualTo(bytes);
        }
        assertThat(read("\"\\/\\/+\\/\",", 1, 3)).containsExactly(-1, -1, -65);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 1000, CHUNK, CHUNK + 1, 50_000})
    void readsNoMoreBytesThanItMay(int size) {
        assertThatThrownBy(() -> read(quoted(random(size)), 5000, size - 1))
                .isInstanceOf(BodyTooLarge.class)
                .hasMessage("x holds more than %d bytes", size - 1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "AA A | a character that is not base64",
                "AA\\nA | a character that is not base64",
                "AA\\u0020 | a character that is not base64",
                "AA\u007fA | Illegal base64 character 7f",
                "AA\\u00e9 | a character that is not base64",
                "AA\u00e9A | a character that is not base64",
                "A*AA | Illegal base64 character 2a",
                "A~AA | Illegal base64 character 7e",
                "A | Input byte[] should at least have 2 bytes",
                "AA= | Input byte array has",
            })
    void refusesWhatIsNotBase64(String base64, String reason) {
        assertThatThrownBy(() -> read('"' + base64 + '"', 3, 100))
                .isInstanceOfSatisfying(
                        MalformedTensor.class,
                        refused -> assertThat(refused.field()).isEqualTo("x"))
                .hasMessageStartingWith("x is not base64: " + reason);
    }

    @Test
    void refusesAStringWithoutAnEnd() {
        for (int length : new int[] {0, 1, 4, 4095, 16_383, 16_384, 20_000}) {
            assertThatThrownBy(() -> read('"' + "A".repeat(length), 1000, 1 << 20))
                    .isInstanceOf(MalformedJson.class)
                    .hasMessageContaining(
                            "byte %d: expected the quote that ends a string", length + 1);
        }
    }
}
