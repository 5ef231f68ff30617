package batchnorm.service.management;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/// Tests that a request has one id in its response, in its problem and in the log.
@ExtendWith({ServiceUnderTest.Shared.class, OutputCaptureExtension.class})
class RequestIdTest {
    private final Client client;

    RequestIdTest(Client client) {
        this.client = client;
    }

    @ParameterizedTest
    @ValueSource(strings = {"/layers/absent", "//no-such-path"})
    void theClientsIdIsInTheResponseAndInTheProblem(String path) throws IOException {
        Answer answer = client.get(path, "X-Request-Id", "step-17.a");
        assertThat(answer.header("X-Request-Id")).isEqualTo("step-17.a");
        assertThat(answer.field("request_id").stringValue()).isEqualTo("step-17.a");
    }

    /// Jetty has not read the headers yet.
    @Test
    void aRequestThatJettyRejectsHasOneToo() throws IOException {
        Answer answer = client.get("/layers/a%00b").expect(400);
        assertThat(answer.header("X-Request-Id")).matches("[0-9a-f]{16}");
        assertThat(answer.field("request_id").stringValue())
                .isEqualTo(answer.header("X-Request-Id"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a b",
                "<script>",
                "0123456789012345678901234567890123456789012345678901234567890123x"
            })
    void anUnsafeOneIsReplaced(String sent) throws IOException {
        Answer answer = client.get("/layers/absent", "X-Request-Id", sent);
        assertThat(answer.header("X-Request-Id")).matches("[0-9a-f]{16}");
        assertThat(answer.field("request_id").stringValue())
                .isEqualTo(answer.header("X-Request-Id"));
    }

    @Test
    void itBeginsEachLineOfTheRequest(CapturedOutput output) throws IOException {
        String layer = client.layer("");
        client.delete(layer, "X-Request-Id", "the-deletion").expect(204);
        assertThat(output)
                .containsPattern(
                        "INFO batchnorm.audit : \\[the-deletion] delete " + layer.substring(8));
    }
}
