package batchnorm.service.security;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Tests the requests that browsers may send to this service, and those that pages of other sites
/// may not.
@ExtendWith(ServiceUnderTest.Shared.class)
class BrowsersTest {
    private final Client client;

    BrowsersTest(Client client) {
        this.client = client;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/conventions",
                "/layers/nobody",
                "/layers?limit=x",
                "//nothing",
                "//v3/api-docs",
                "//actuator/health",
                "//swagger-ui/index.html",
                "//",
                "//playground/parse.worker.js",
            })
    void everyResponseForbidsSharingByTheBrowser(String path) throws IOException {
        Answer answer = client.get(path);
        assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(answer.header("Referrer-Policy")).isEqualTo("no-referrer");
        assertThat(answer.header("Cross-Origin-Resource-Policy")).isEqualTo("same-origin");
        assertThat(answer.header("Content-Security-Policy"))
                .contains("frame-ancestors 'none'", "default-src")
                .doesNotContain("unsafe-eval", "script-src");
        assertThat(answer.headers().map()).doesNotContainKeys("set-cookie", "server");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "//",
                "//index.html",
                "//playground/page.js",
                "//playground/parse.worker.js"
            })
    void thePageRunsNothingInline(String path) throws IOException {
        assertThat(client.get(path).expect(200).header("Content-Security-Policy"))
                .startsWith("default-src 'self'; object-src 'none'")
                .doesNotContain("unsafe");
    }

    @Test
    void otherOriginsAreNotInvited() throws IOException {
        Answer answer = client.get("/conventions", "Origin", "https://other.example").expect(200);
        assertThat(answer.headers().map().keySet())
                .noneMatch(name -> name.startsWith("access-control"));
    }

    @Test
    void aPreflightIsRefused() throws IOException {
        String answer =
                exchange(
                        "OPTIONS /api/v1/layers HTTP/1.1",
                        "Origin: https://other.example",
                        "Access-Control-Request-Method: POST");
        assertThat(answer)
                .startsWith("HTTP/1.1 403")
                .contains("application/problem+json", "/problems/forbidden");
    }

    @Test
    void anotherSitesPageCannotMakeABrowserChangeALayer() throws IOException {
        String path = client.layer("\"features\": 2");
        String before = client.get(path).expect(200).body();
        for (String site : new String[] {"cross-site", "same-site"}) {
            client.post(
                            path + "/forward-train",
                            "{\"input\": [[1, 2], [3, 4]]}",
                            "Sec-Fetch-Site",
                            site)
                    .expectProblem(403, "forbidden");
        }
        assertThat(client.get(path).body()).isEqualTo(before);
        client.post(
                        path + "/forward-train",
                        "{\"input\": [[1, 2], [3, 4]]}",
                        "Sec-Fetch-Site",
                        "same-origin")
                .expect(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "OPTIONS * HTTP/1.1",
                "TRACE / HTTP/1.1",
                "GET /actuator/health/nothing HTTP/1.1",
                "GET /actuator/nothing HTTP/1.1",
                "POST /actuator/health HTTP/1.1",
                "GET /actuator/health/%00 HTTP/1.1",
                "GET /{x} HTTP/1.1",
                "GET / HTTP/9.9",
            })
    void soDoesWhatTheContainerOrTheActuatorRefuses(String line) throws IOException {
        assertThat(exchange(line))
                .containsIgnoringCase("X-Content-Type-Options: nosniff")
                .containsIgnoringCase("Content-Security-Policy: default-src 'none'")
                .containsIgnoringCase("Cross-Origin-Resource-Policy: same-origin");
    }

    @Test
    void echoNoHeaders() throws IOException {
        assertThat(exchange("TRACE / HTTP/1.1", "Authorization: Bearer secret"))
                .startsWith("HTTP/1.1 405")
                .contains("\r\nAllow: GET, ")
                .doesNotContain("secret");
    }

    private String exchange(String... head) throws IOException {
        String request =
                String.join("\r\n", head) + "\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        try (Socket socket = new Socket(client.root().getHost(), client.root().getPort())) {
            socket.setSoTimeout(5_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
