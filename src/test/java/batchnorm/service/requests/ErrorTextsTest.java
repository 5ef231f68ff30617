package batchnorm.service.requests;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import batchnorm.service.Wire;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Tests problem texts whose obvious wording misleads. BadRequestsTest has the others.
@ExtendWith(ServiceUnderTest.Shared.class)
class ErrorTextsTest {
    private final Client client;
    private final Wire wire;

    ErrorTextsTest(Client client) {
        this.client = client;
        this.wire = new Wire(client);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[[null, 2]] | input[0][0] is null | length",
                "[[1, 2], [3, null]] | input[1][1] is null | length",
                "[[1, 2], null] | input[1] is null | length",
                "[null] | input[0] is null | length",
                "[[1, true]] | input[0][1] is true | length",
                "[[1, {}]] | input[0][1] is an object | length",
                "[[1, 2], 3] | input[1] is a number | length",
                "[[1, [2]]] | input[0][1] is an array | length",
                "[[1, 2], [3]] | input[1] has 1 elements where 2 are expected | null",
                "[[nan, 2]] | \"nan\" is no value of JSON; NaN, Infinity and -Infinity are written as strings | null",
                "[[NaN, 2]] | \"NaN\" is no value of JSON; NaN, Infinity and -Infinity are written as strings | null",
                "[[1, inf]] | \"inf\" is no value of JSON; NaN, Infinity and -Infinity are written as strings | true",
                "[[1, -inf]] | NaN, Infinity and -Infinity are written as strings | null",
                "[[1, None]] | \"None\" is no value of JSON | string",
                "[[1, nul]] | \"nul\" is no value of JSON | string",
                "[[1, trueish]] | \"trueish\" is no value of JSON | string",
                "[] | {\"shape\": [0, 3], \"data\": []} | length",
                "[[]] | {\"shape\": [0, 3], \"data\": []} | length",
            })
    void ofATensorSayWhatIsThere(String input, String words, String misleading) throws IOException {
        Answer answer =
                client.post(
                        client.layer("") + "/forward-train", "{\"input\": %s}".formatted(input));
        assertThat(answer.status()).isBetween(400, 422);
        assertThat(answer.detail()).contains(words).doesNotContain(misleading);
    }

    /// With a Cyrillic letter, an invisible mark, and a non-breaking space.
    @ParameterizedTest
    @CsvSource({"\u0456nput,\\u0456nput", "input\uFE0F,input\\uFE0F", "input\u00A0,input\\u00A0"})
    void spellOutAFieldThatLooksLikeAnother(String name, String spelled) throws IOException {
        Answer answer =
                client.post(
                                client.layer("") + "/forward-train",
                                "{\"%s\": [[1, 2], [3, 4]]}".formatted(name))
                        .expectProblem(400, "invalid-request");
        assertThat(answer.detail())
                .contains("unknown field \"" + spelled + "\" (did you mean \"input\"?)");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {"\"16\" | the string \"16\"", "16.5 | 16.5", "true | true"})
    void ofABinarySizeSayWhatKindItIs(String size, String words) throws IOException {
        String model = client.layer("\"features\": 2").substring("/layers/".length());
        String json =
                """
                {"inputs": [{"name": "input", "datatype": "FP64", "shape": [1, 2],
                 "parameters": {"binary_data_size": %s}}]}
                """
                        .formatted(size);
        Wire.Reply reply = wire.infer(model, json, Wire.doubles(1, 2));
        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.text()).contains(words.replace("\"", "\\\"")).doesNotContain("not 16 ");
    }

    @ParameterizedTest
    @CsvSource({
        "/forward-train?save_contxt=false,save_context",
        "/forward-infer?train=yes,save_context"
    })
    void nameTheQueryParameterThatIsUnknown(String path, String known) throws IOException {
        Answer answer =
                client.post(client.layer("\"features\": 2") + path, "{\"input\": [[1, 2], [3, 4]]}")
                        .expectProblem(400, "invalid-request");
        String name = path.substring(path.indexOf('?') + 1, path.indexOf('='));
        assertThat(answer.detail()).contains('"' + name + '"', known);
    }

    @ParameterizedTest
    @CsvSource({
        "934e554d50590100, npy, Content-Type",
        "504b030414000000, npz, Content-Type",
        "6b000000000000007b226122, safetensors, Content-Type",
        "1f8b080000000000, gzip, Content-Encoding"
    })
    void ofABodyThatIsNoJsonSayWhatItIs(String bytes, String what, String header)
            throws IOException {
        Answer answer =
                client.send(
                                "POST",
                                client.layer("") + "/forward-train",
                                HexFormat.of().parseHex(bytes))
                        .expectProblem(400, "malformed-json");
        assertThat(answer.detail()).contains(what, header).doesNotContain("UTF-16");
    }

    @Test
    void ofHeadersThatAreTooLongSayHowLongTheyMayBe() throws IOException {
        Wire.Reply reply =
                wire.post(
                        "/api/v1/layers",
                        "{}".getBytes(StandardCharsets.US_ASCII),
                        "X-Long: " + "x".repeat(17_000));
        assertThat(reply.status()).isBetween(400, 431);
        assertThat(reply.text()).contains("16 KB");
    }
}
