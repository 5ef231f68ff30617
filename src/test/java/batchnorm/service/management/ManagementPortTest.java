package batchnorm.service.management;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import batchnorm.service.security.HostNamesTest;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/// Tests that `MANAGEMENT_SERVER_PORT` moves the actuator to another port with the rules of the
/// first.
@ExtendWith(OutputCaptureExtension.class)
class ManagementPortTest {
    private static ServiceUnderTest service;
    private static ServiceUnderTest open;

    @BeforeAll
    static void start() throws IOException {
        service =
                new ServiceUnderTest(
                        "management.server.port=0", "BATCHNORM_API_KEYS=a:admin:" + "0".repeat(64));
        open = new ServiceUnderTest("management.server.port=0");
    }

    @AfterAll
    static void stop() throws IOException {
        open.close();
        service.close();
    }

    @Test
    void listensWhereTheServiceListens() {
        int port = management(service).root().getPort();
        assertThatThrownBy(
                        () -> {
                            try (Socket socket = new Socket()) {
                                // Another loopback address, on which the service does not listen.
                                socket.connect(new InetSocketAddress("127.0.0.2", port), 2_000);
                            }
                        })
                .isInstanceOf(IOException.class);
    }

    @Test
    void beyondLoopbackItNeedsCredentialsToo(CapturedOutput output) {
        assertThatThrownBy(() ->
                new ServiceUnderTest(
                        "management.server.port=0", "management.server.address=0.0.0.0"));
        assertThat(output).contains("BATCHNORM_API_KEYS").doesNotContain("\tat ");
    }

    @ParameterizedTest
    @CsvSource({
        "/actuator/health,200",
        "/actuator/health/nothing,404",
        "/actuator/prometheus,401",
        "/actuator/backup,401",
        "/actuator/info,401",
        "/actuator,401",
        "/actuator/nothing,404",
        "/nothing,404",
        "/api/v1/layers,404",
        "/,404",
    })
    void hasTheSameScopesAndHeaders(String path, int status) throws IOException {
        Answer answer = management(service).get("/" + path).expect(status);
        assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(answer.header("Content-Security-Policy")).startsWith("default-src 'none'");
        assertThat(answer.header("Cross-Origin-Resource-Policy")).isEqualTo("same-origin");
        boolean hasBody = !path.endsWith("health/nothing"); // the actuator sends none
        if (status >= 400 && hasBody) {
            assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
        }
    }

    @Test
    void refusesOtherHostsAndOtherSites() throws IOException {
        Client client = management(open);
        client.get("//actuator/backup").expect(200);
        assertThat(
                        HostNamesTest.exchange(
                                        client,
                                        "GET /actuator/backup HTTP/1.1",
                                        "Host: evil.example")
                                .status())
                .isEqualTo(403);
        client.get("//actuator/backup", "Sec-Fetch-Site", "cross-site")
                .expectProblem(403, "forbidden");
        client.post("//actuator/health", "{}", "Origin", "http://evil.example")
                .expectProblem(403, "forbidden");
    }

    @Test
    void refusesWhatTheContainerRefusesWithAProblem() throws IOException {
        assertThat(
                        HostNamesTest.exchange(
                                        management(open), "GET /{x} HTTP/1.1", "Host: localhost")
                                .text())
                .contains("/problems/")
                .doesNotContain("<html");
    }

    private static Client management(ServiceUnderTest service) {
        return new Client(
                Integer.parseInt(
                        service.application()
                                .getEnvironment()
                                .getRequiredProperty("local.management.port")));
    }
}
