package batchnorm.service.security;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import batchnorm.service.Wire;
import batchnorm.service.checkpoints.CheckpointsTest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Tests that pages of other sites cannot misuse a browser. Browsers send `Sec-Fetch-Site` only to
/// https and loopback names. They send `Origin` with every method except GET and HEAD.
@ExtendWith(ServiceUnderTest.Shared.class)
class CrossSiteTest {
    private final Client client;
    private String path;

    CrossSiteTest(Client client) {
        this.client = client;
    }

    @BeforeEach
    void makeALayer() throws IOException {
        path = client.layer("\"features\": 2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://evil.example",
                "http://evil.example:%d",
                "https://localhost:%d",
                "http://localhost",
                "http://localhost:1",
                "http://127.0.0.1:%d",
                "http://localhost.evil.example:%d",
                "http://evil.localhost:%d",
                "null",
                "NULL",
                "",
                "file://",
                "chrome-extension://localhost:%d",
                "http://localhost:%d/",
                "http://user@localhost:%d",
                "http://localhost:%d http://evil.example",
            })
    void anotherOriginChangesNothing(String origin) throws IOException {
        String from = origin.contains("%d") ? origin.formatted(port()) : origin;
        String before = client.get(path).expect(200).body();
        for (String target :
                List.of(
                        "POST /api/v1" + path + "/reset",
                        "DELETE /api/v1" + path,
                        "PATCH /api/v1" + path,
                        "PUT /api/v1" + path,
                        "POST /v2/models/" + path.substring(8) + "/infer",
                        "POST /api/v1/layers/import?framework=pytorch&replace=true",
                        "POST /actuator/health",
                        "OPTIONS /api/v1" + path)) {
            Wire.Reply reply = send(target, "Host: localhost:" + port(), "Origin: " + from);
            assertThat(reply.status()).as(target).isEqualTo(403);
            assertThat(reply.text()).contains("BATCHNORM_ALLOWED_HOSTS");
        }
        assertThat(client.get(path).body()).isEqualTo(before);
    }

    @Test
    void anImportWithoutAContentTypeNeedsTheOriginToo() throws IOException {
        byte[] file = CheckpointsTest.pytorch();
        Answer refused =
                client.send(
                        "POST",
                        "/layers/import?framework=pytorch&replace=true&name=blob",
                        file,
                        "Origin",
                        "http://evil.example");
        refused.expectProblem(403, "forbidden");
        client.get("/layers/blob.1").expectProblem(404, "layer-not-found");
        client.send("POST", "/layers/import?framework=pytorch&name=blob", file).expect(200);
    }

    @ParameterizedTest
    @CsvSource({
        "http://localhost:%d, localhost:%d",
        "http://LOCALHOST:%d, localhost:%d",
        "http://127.0.0.1:%d, 127.0.0.1:%d",
        "http://[::1]:%d, [::1]:%d",
        "http://localhost, localhost",
        "http://localhost:80, localhost",
        "http://localhost, localhost:80",
    })
    void theServicesOwnOriginMay(String origin, String host) throws IOException {
        String named = host.contains("%d") ? host.formatted(port()) : host;
        String from = origin.contains("%d") ? origin.formatted(port()) : origin;
        send("POST /api/v1" + path + "/reset", "Host: " + named, "Origin: " + from).expect(200);
    }

    @Test
    void twoOriginsAreRefusedUnlessBothAreTheServicesOwn() throws IOException {
        String own = "Origin: http://localhost:" + port();
        assertThat(
                        send(
                                        "POST /api/v1" + path + "/reset",
                                        "Host: localhost:" + port(),
                                        own,
                                        "Origin: http://evil.example")
                                .status())
                .isEqualTo(403);
    }

    @Test
    void aProxySetsTheSchemeAndNothingElse() throws IOException {
        String host = "Host: localhost:8443";
        String origin = "Origin: https://localhost:8443";
        String reset = "POST /api/v1" + path + "/reset";
        assertThat(send(reset, host, origin).status()).isEqualTo(403);
        send(reset, host, origin, "X-Forwarded-Proto: https").expect(200);
        assertThat(
                        send(
                                        reset,
                                        host,
                                        "Origin: https://evil.example",
                                        "X-Forwarded-Proto: https",
                                        "X-Forwarded-Host: evil.example")
                                .status())
                .isEqualTo(403);
    }

    @Test
    void anAllowedHostIsAnOriginOfTheServiceOnItsPort() throws IOException {
        try (ServiceUnderTest service =
                new ServiceUnderTest("BATCHNORM_ALLOWED_HOSTS=bn.example,proxy.example:8443")) {
            String layer = "POST /api/v1" + service.client().layer("") + "/reset";
            for (String origin :
                    List.of(
                            "https://bn.example",
                            "http://bn.example",
                            "https://proxy.example:8443")) {
                HostNamesTest.exchange(
                                service.client(),
                                layer + " HTTP/1.1",
                                "Content-Length: 0",
                                "Host: localhost:1",
                                "Origin: " + origin)
                        .expect(200);
            }
            for (String origin : List.of("https://bn.example:8443", "https://proxy.example")) {
                assertThat(
                                HostNamesTest.exchange(
                                                service.client(),
                                                layer + " HTTP/1.1",
                                                "Content-Length: 0",
                                                "Host: localhost:1",
                                                "Origin: " + origin)
                                        .status())
                        .as(origin)
                        .isEqualTo(403);
            }
        }
    }

    @Test
    void credentialsDoNotMakeAnotherOriginWelcome() throws IOException {
        try (ServiceUnderTest service =
                new ServiceUnderTest("BATCHNORM_API_KEYS=a:admin:" + "0".repeat(64))) {
            service.client()
                    .post("/layers", "{\"name\": \"x\"}", "Origin", "http://evil.example")
                    .expectProblem(403, "forbidden");
        }
    }

    /// An image or script element of another page. The browser hides the response from the page,
    /// but the service would have done the work.
    @ParameterizedTest
    @ValueSource(strings = {"cross-site", "same-site"})
    void anotherPageEmbedsNothing(String site) throws IOException {
        for (String target : List.of("//actuator/backup", path, "//", "//v2/models/stats")) {
            client.get(target, "Sec-Fetch-Site", site, "Sec-Fetch-Mode", "no-cors").expect(403);
        }
        client.get(
                        "//",
                        "Sec-Fetch-Site",
                        site,
                        "Sec-Fetch-Mode",
                        "navigate",
                        "Sec-Fetch-Dest",
                        "iframe")
                .expect(403);
    }

    @Test
    void aLinkLeadsToAPageButNotToABackup() throws IOException {
        String[] link = {
            "Sec-Fetch-Site",
            "cross-site",
            "Sec-Fetch-Mode",
            "navigate",
            "Sec-Fetch-Dest",
            "document"
        };
        client.get("//", link).expect(200);
        client.get("//problems/forbidden", link).expect(200);
        client.get("//actuator/backup", link).expectProblem(403, "forbidden");
        client.get("//actuator/backup", "Sec-Fetch-Site", "same-origin").expect(200);
        client.get("//actuator/backup").expect(200);
    }

    private int port() {
        return client.root().getPort();
    }

    private Wire.Reply send(String target, String... headers) throws IOException {
        List<String> all = new ArrayList<>(Arrays.asList(headers));
        all.add("Content-Length: 0");
        return HostNamesTest.exchange(client, target + " HTTP/1.1", all.toArray(String[]::new));
    }
}
