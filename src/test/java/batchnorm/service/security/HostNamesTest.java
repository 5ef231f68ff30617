package batchnorm.service.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import batchnorm.service.Wire;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/// Tests the host names under which a service without credentials responds. A page can map its own
/// name to this machine's address (DNS rebinding); the browser then sends that name in `Host`.
@ExtendWith({ServiceUnderTest.Shared.class, OutputCaptureExtension.class})
public class HostNamesTest {
    private final Client client;

    HostNamesTest(Client client) {
        this.client = client;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/index.html",
                "/playground/page.js",
                "/swagger-ui/index.html",
                "/v3/api-docs",
                "/actuator",
                "/actuator/health",
                "/actuator/health/liveness",
                "/actuator/backup",
                "/api/v1/layers",
                "/problems",
                "/openapi/open-inference.json",
                "/nothing",
            })
    void everyPathRefusesAnotherName(String path) throws IOException {
        Wire.Reply reply = get(client, path, "Host: evil.example:" + client.root().getPort());
        assertThat(reply.status()).isEqualTo(403);
        assertThat(reply.text()).contains("/problems/forbidden", "BATCHNORM_ALLOWED_HOSTS");
        assertThat(reply.header("X-Content-Type-Options")).isEqualTo("nosniff");
    }

    @Test
    void openInferenceRefusesAnotherNameInItsOwnForm() throws IOException {
        Wire.Reply reply = get(client, "/v2/health/live", "Host: evil.example");
        assertThat(reply.status()).isEqualTo(403);
        assertThat(reply.error()).contains("BATCHNORM_ALLOWED_HOSTS");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost",
                "localhost:1",
                "LOCALHOST:8080",
                "localhost.",
                "localhost.:8080",
                "127.0.0.1",
                "127.0.0.1:80",
                "[::1]",
                "[::1]:8080",
            })
    void theNamesOfLoopbackAreAllowed(String host) throws IOException {
        get(client, "/api/v1/layers", "Host: " + host).expect(200);
    }

    /// Legal, but sent by no browser, because the web server ignores it.
    @Test
    void aNameWithAnEmptyPortIsRefused() throws IOException {
        assertThat(get(client, "/api/v1/layers", "Host: localhost:").status()).isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "evil.example",
                "0.0.0.0",
                "10.1.2.3",
                "[::]",
                "127.0.0.1.evil.example",
                "localhost.evil.example",
                "evil.localhost",
                "xlocalhost",
                "localhost..",
                "",
            })
    void otherNamesAndAddressesAreNot(String host) throws IOException {
        int status = get(client, "/api/v1/layers", "Host: " + host).status();
        assertThat(status).isIn(400, 403);
    }

    @Test
    void forwardedNamesDoNotCount() throws IOException {
        for (String header :
                new String[] {"X-Forwarded-Host: localhost", "Forwarded: host=localhost"}) {
            assertThat(get(client, "/api/v1/layers", "Host: evil.example", header).status())
                    .isEqualTo(403);
        }
        get(client, "/api/v1/layers", "Host: localhost", "X-Forwarded-Host: evil.example")
                .expect(200);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "an absolute target of another name,403,GET http://evil.example/api/v1/layers HTTP/1.1,evil.example",
        "an absolute target beside another Host,400,GET http://localhost/api/v1/layers HTTP/1.1,evil.example",
        "an absolute target hidden by Host,400,GET http://evil.example/api/v1/layers HTTP/1.1,localhost",
        "an absolute target of this machine,200,GET http://localhost/api/v1/layers HTTP/1.1,localhost",
        "an absolute target in HTTP/1.0,403,GET http://evil.example/api/v1/layers HTTP/1.0,",
        "HTTP/1.0 of another name,403,GET /api/v1/layers HTTP/1.0,evil.example",
        "HTTP/1.0 without Host which no browser sends,200,GET /api/v1/layers HTTP/1.0,",
    })
    void requestTargetsAreHeldToTheSameNames(String what, int status, String line, String host)
            throws IOException {
        String[] headers = host == null ? new String[0] : new String[] {"Host: " + host};
        assertThat(exchange(client, line, headers).status()).isEqualTo(status);
    }

    @Test
    void twoHostsAreRefused() throws IOException {
        assertThat(get(client, "/api/v1/layers", "Host: localhost", "Host: evil.example").status())
                .isEqualTo(400);
    }

    @Test
    void allowedHostsAreAllowed() throws IOException {
        try (ServiceUnderTest service =
                new ServiceUnderTest("BATCHNORM_ALLOWED_HOSTS=bn.lan, Proxy.Example:8443")) {
            Client other = service.client();
            get(other, "/api/v1/layers", "Host: bn.lan:1").expect(200);
            get(other, "/api/v1/layers", "Host: proxy.example").expect(200);
            get(other, "/api/v1/layers", "Host: localhost").expect(200);
            assertThat(get(other, "/api/v1/layers", "Host: a.bn.lan").status()).isEqualTo(403);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://bn.lan", "*", "*.lan", "bn.lan/x", "bn.lan:port"})
    void whatIsNoHostNameStopsTheStart(String names, CapturedOutput output) {
        assertThatThrownBy(() -> new ServiceUnderTest("BATCHNORM_ALLOWED_HOSTS=bn.lan," + names));
        assertThat(output).contains("entry 2 of BATCHNORM_ALLOWED_HOSTS").doesNotContain("\tat ");
    }

    @Test
    void openToANetworkAnyAddressIsAllowedAndNamesAreListed() throws IOException {
        try (ServiceUnderTest service =
                new ServiceUnderTest(
                        "server.address=0.0.0.0",
                        "BATCHNORM_AUTH=none",
                        "BATCHNORM_ALLOWED_HOSTS=batchnorm.internal")) {
            Client other = service.client();
            for (String host :
                    new String[] {
                        "10.1.2.3:8080", "[fd00::7]", "localhost", "batchnorm.internal"
                    }) {
                get(other, "/actuator/health/readiness", "Host: " + host).expect(200);
            }
            for (String host : new String[] {"batchnorm", "1.2.3.4.evil.example", "1.2.3"}) {
                assertThat(get(other, "/actuator/health", "Host: " + host).status()).isEqualTo(403);
            }
        }
    }

    @Test
    void credentialsTakeThePlaceOfNames() throws IOException {
        try (ServiceUnderTest service =
                new ServiceUnderTest("BATCHNORM_API_KEYS=a:admin:" + "0".repeat(64))) {
            get(service.client(), "/actuator/health", "Host: any.example").expect(200);
            assertThat(get(service.client(), "/api/v1/layers", "Host: any.example").status())
                    .isEqualTo(401);
        }
    }

    private static Wire.Reply get(Client client, String path, String... headers)
            throws IOException {
        return exchange(client, "GET " + path + " HTTP/1.1", headers);
    }

    public static Wire.Reply exchange(Client client, String line, String... headers)
            throws IOException {
        String head = line + "\r\n" + String.join("\r\n", headers);
        String end = headers.length == 0 ? "" : "\r\n";
        String request = head + end + "Connection: close\r\n\r\n";
        try (Socket socket = new Socket(client.root().getHost(), client.root().getPort())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return Wire.Reply.parse(socket.getInputStream().readAllBytes());
        }
    }
}
