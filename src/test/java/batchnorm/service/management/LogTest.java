package batchnorm.service.management;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/// Tests the content of the log, including values that must be absent.
@ExtendWith(OutputCaptureExtension.class)
class LogTest {
    private static final Logger LOG = LoggerFactory.getLogger("batchnorm.LogTest");
    private static final String FORGED =
            "2026-01-01T00:00:00.000Z  INFO batchnorm.Main : all is well";

    /// The start of a log entry, as log parsers recognize it.
    private static final Pattern ENTRY = Pattern.compile("(?m)^\\d{4}-\\d\\d-\\d\\dT");

    @Test
    void whatComesFromOutsideCannotBeginALine(CapturedOutput output) throws IOException {
        try (ServiceUnderTest service = new ServiceUnderTest()) {
            service.client().layer("");
            int before = output.length();
            for (String end : new String[] {"\n", "\r\n", "\r", "\u2028", "\u0085"}) {
                LOG.error(
                        "name {}",
                        "x" + end + FORGED,
                        new IllegalStateException("y" + end + FORGED));
            }
            String logged = output.toString().substring(before);
            assertThat(ENTRY.matcher(logged).results().count()).as(logged).isEqualTo(5);
            assertThat(logged).contains("\tat " + LogTest.class.getName());
        }
    }

    @Test
    void programsGetOneObjectALine(CapturedOutput output) throws IOException {
        try (ServiceUnderTest service = new ServiceUnderTest("BATCHNORM_LOG_FORMAT=logstash")) {
            service.client().layer("");
            LOG.atError().addKeyValue("request_id", "abc").log("x\r\n{}", FORGED);
        }
        assertThat(output.toString().lines().filter(line -> line.contains("\"abc\"")))
                .hasSize(1)
                .allMatch(line ->
                        Answer.JSON.readTree(line).get("message").asString().contains(FORGED));
    }

    @Test
    void neitherSecretsNorTensorsNorHeadersAreLogged(CapturedOutput output) throws IOException {
        try (ServiceUnderTest service =
                new ServiceUnderTest(
                        "BATCHNORM_API_KEYS=somebody:admin:" + "0".repeat(64),
                        "logging.level.root=info")) {
            Client client = service.client();
            for (String credentials : new String[] {"Bearer very-secret", "Basic very-secret"}) {
                client.get("/layers", "Authorization", credentials).expect(401);
                for (String layer : new String[] {"x", "x%0d%0ay"}) {
                    client.post(
                                    "/layers/" + layer + "/forward-train",
                                    "{\"input\": [[1234567.5, \"very-secret\"]]}",
                                    "Authorization",
                                    credentials,
                                    "Idempotency-Key",
                                    "very-secret")
                            .expect(layer.equals("x") ? 401 : 400);
                }
            }
        }
        try (ServiceUnderTest service = new ServiceUnderTest("logging.level.root=info")) {
            Client client = service.client();
            String layer = client.layer("");
            client.post(layer + "/forward-train", "{\"input\": [[1234567.5], \"very-secret\"]}")
                    .expect(400);
            client.post(
                            layer + "/forward-train",
                            "{\"input\": [[1234567.5], [2]]}",
                            "If-Match",
                            "very-secret")
                    .expect(400);
            client.send("BREW", "/layers/very-secret", null, "X-Secret", "very-secret");
        }
        assertThat(output).doesNotContain("very-secret", "1234567.5", "0".repeat(64));
    }
}
