package batchnorm.service.requests;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import batchnorm.service.Wire;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Tests JSON in a `charset`. Most requests are ASCII, which most charsets contain.
@ExtendWith(ServiceUnderTest.Shared.class)
class CharsetsTest {
    private static final String TRAIN = "{\"input\": [[1, 2], [3, 4]]}";
    private final Client client;
    private final Wire wire;

    CharsetsTest(Client client) {
        this.client = client;
        this.wire = new Wire(client);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "utf-8",
                "UTF8",
                "\"utf-8\"",
                "us-ascii",
                "ISO-8859-1",
                "iso-8859-15",
                "windows-1252",
                "Shift_JIS"
            })
    void thatContainAsciiAreJson(String charset) throws IOException {
        String layer = client.layer("\"features\": 2");
        train(layer, charset, TRAIN.getBytes(StandardCharsets.US_ASCII)).expect(200);
        client.send(
                        "PATCH",
                        layer,
                        "{\"gamma\": [1, 2]}".getBytes(StandardCharsets.US_ASCII),
                        "Content-Type",
                        "application/merge-patch+json; charset=" + charset)
                .expect(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"us-ascii", "ISO-8859-1", "windows-1252"})
    void otherThanUtf8AreReadNoFurtherThanAscii(String charset) throws IOException {
        byte[] body = "{\"name\": \"sch\u00f6n\"}".getBytes(StandardCharsets.ISO_8859_1);
        Answer answer =
                client.send(
                                "POST",
                                "/layers",
                                body,
                                "Content-Type",
                                "application/json; charset=" + charset)
                        .expectProblem(400, "malformed-json");
        assertThat(answer.detail()).contains("byte 13", "ASCII", "UTF-8");
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16", "utf-16le", "UTF-32", "IBM037"})
    void thatDoNotContainAsciiAreRefused(String charset) throws IOException {
        Answer answer =
                train(client.layer(""), charset, TRAIN.getBytes(Charset.forName(charset)))
                        .expectProblem(415, "unsupported-media-type");
        assertThat(answer.detail()).containsIgnoringCase(charset).contains("UTF-8");
    }

    @ParameterizedTest
    @CsvSource({"UTF-8,true", "UTF-16BE,true", "UTF-16LE,true", "UTF-16BE,false", "UTF-16LE,false"})
    void areNamedInOneSentenceUnderEveryPath(String charset, boolean mark) throws IOException {
        byte[] body = ((mark ? "\uFEFF" : "") + TRAIN).getBytes(Charset.forName(charset));
        String layer = client.layer("\"features\": 2");
        String name = layer.substring("/layers/".length());
        String sentence = "JSON is sent as UTF-8, without a byte order mark";
        assertThat(train(layer, "utf-8", body).expectProblem(400, "malformed-json").detail())
                .contains(sentence);
        Wire.Reply inferred = wire.post("/v2/models/" + name + "/infer", body);
        assertThat(inferred.status()).isEqualTo(400);
        assertThat(inferred.text()).contains(sentence);
    }

    private Answer train(String layer, String charset, byte[] body) throws IOException {
        return client.send(
                "POST",
                layer + "/forward-train",
                body,
                "Content-Type",
                "application/json; charset=" + charset);
    }
}
