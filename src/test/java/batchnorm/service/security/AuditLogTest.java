package batchnorm.service.security;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import batchnorm.service.checkpoints.CheckpointsTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import tools.jackson.databind.JsonNode;

/// Tests the audit log: one line per auditable request, with the caller's name and the request's
/// id.
@ExtendWith(OutputCaptureExtension.class)
class AuditLogTest {
    private static final String AUDIT = "batchnorm.audit";
    private static ServiceUnderTest service;
    private static Issuer issuer;

    @BeforeAll
    static void start() throws Exception {
        issuer = new Issuer();
        service =
                new ServiceUnderTest(
                        "BATCHNORM_LOG_FORMAT=logstash",
                        "BATCHNORM_JWT_ISSUER=" + issuer.url(),
                        "BATCHNORM_JWT_AUDIENCE=" + Issuer.AUDIENCE,
                        "BATCHNORM_API_KEYS="
                                + "operator:admin:"
                                + digest("operators-key")
                                + ",trainer:train:"
                                + digest("trainers-key"));
    }

    @AfterAll
    static void stop() throws IOException {
        service.close();
        issuer.close();
    }

    @Test
    void createDeleteReplaceAndBackupAreOneLineEach(CapturedOutput output) throws IOException {
        Client client = service.client();
        String key = "Bearer operators-key";
        client.post("/layers", "{\"name\": \"kept\"}", "Authorization", key, "X-Request-Id", "r-1")
                .expect(201);
        client.post("/layers/kept/snapshots", "{}", "Authorization", key).expect(201);
        String query = "/layers/import?framework=pytorch&prefix=1&replace=true&name=";
        for (String name : List.of("kept", "new")) {
            client.send("POST", query + name, CheckpointsTest.pytorch(), "Authorization", key)
                    .expect(200);
        }
        client.delete("/layers/kept/snapshots/1", "Authorization", key).expect(204);
        client.delete("/layers/kept", "Authorization", key, "X-Request-Id", "r-2").expect(204);
        client.get("//actuator/backup", "Authorization", key).expect(200);
        client.get("/layers/new", "Authorization", key).expect(200);
        client.delete("/layers/kept", "Authorization", key).expect(404);
        assertThat(lines(output))
                .extracting(line -> text(line, "event") + " " + text(line, "subject"))
                .containsExactly(
                        "create kept",
                        "replace kept",
                        "create new",
                        "delete-snapshot kept/1",
                        "delete kept",
                        "backup store");
        assertThat(lines(output)).extracting(line -> text(line, "caller")).containsOnly("operator");
        assertThat(text(lines(output).get(0), "request_id")).isEqualTo("r-1");
        assertThat(text(lines(output).get(4), "request_id")).isEqualTo("r-2");
        assertThat(text(lines(output).get(4), "message")).contains("kept", "operator", "r-2");
        assertThat(output).doesNotContain("operators-key");
    }

    @Test
    void rejectedCredentialsAreNamedButNotRepeated(CapturedOutput output) throws IOException {
        Client client = service.client();
        client.get("/layers", "Authorization", "Bearer guessed-key").expect(401);
        client.delete("/layers/x", "Authorization", "Bearer trainers-key").expect(403);
        client.get("/layers").expect(401);
        assertThat(lines(output))
                .extracting(line ->
                        text(line, "event")
                                + " "
                                + text(line, "caller")
                                + " "
                                + text(line, "reason"))
                .containsExactly("reject unknown invalid", "reject trainer scope");
        assertThat(output).doesNotContain("guessed-key", "trainers-key");
        String series = "batchnorm_credential_requests_total{credential=\"%s\",outcome=\"%s\"} ";
        assertThat(
                        client.get("//actuator/prometheus", "Authorization", "Bearer operators-key")
                                .expect(200)
                                .body())
                .contains(series.formatted("unknown", "rejected"))
                .contains(series.formatted("trainer", "rejected"))
                .contains(series.formatted("operator", "accepted"));
    }

    @Test
    void aTokensSubjectCannotBeginALine(CapturedOutput output) throws IOException {
        String token =
                issuer.token(claims ->
                        claims.claim("scope", "admin")
                                .subject(
                                        "eve\r\n2026-01-01 INFO forged \u2028" + "x".repeat(1000)));
        service.client()
                .post("/layers", "{\"name\": \"by-token\"}", "Authorization", "Bearer " + token)
                .expect(201);
        assertThat(lines(output)).hasSize(1);
        assertThat(text(lines(output).getFirst(), "caller"))
                .startsWith("token:eve??2026")
                .doesNotContain("\n", "\r", "\u2028")
                .hasSizeLessThan(200);
    }

    @Test
    void aFloodOfRejectedCredentialsDoesNotFillTheDisk(CapturedOutput output) throws Exception {
        try (ServiceUnderTest flooded =
                new ServiceUnderTest(
                        "BATCHNORM_LOG_FORMAT=logstash",
                        "BATCHNORM_API_KEYS=a:admin:" + digest("a"))) {
            for (int i = 0; i < 150; i++) {
                flooded.client().get("/layers", "Authorization", "Bearer x" + i).expect(401);
            }
        }
        assertThat(lines(output)).hasSizeBetween(1, 120);
    }

    @Test
    void everyResponseHasTheRequestsId() throws IOException {
        Client client = service.client();
        for (String path : List.of("//", "/layers", "//actuator/health", "//v2", "//nothing")) {
            assertThat(client.get(path, "X-Request-Id", "abc.1").header("X-Request-Id"))
                    .as(path)
                    .isEqualTo("abc.1");
            assertThat(client.get(path).header("X-Request-Id")).matches("[0-9a-f]{16}");
            for (String unfit : List.of("a b", "<script>", "x".repeat(65), "")) {
                assertThat(client.get(path, "X-Request-Id", unfit).header("X-Request-Id"))
                        .matches("[0-9a-f]{16}");
            }
        }
    }

    private static List<JsonNode> lines(CapturedOutput output) {
        return output.toString()
                .lines()
                .filter(line -> line.contains("\"" + AUDIT + "\""))
                .map(Answer.JSON::readTree)
                .toList();
    }

    private static String text(JsonNode line, String field) {
        return line.path(field).asString("");
    }

    private static String digest(String key) throws Exception {
        return HexFormat.of()
                .formatHex(
                        MessageDigest.getInstance("SHA-256")
                                .digest(key.getBytes(StandardCharsets.UTF_8)));
    }
}
