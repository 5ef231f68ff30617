package batchnorm.service.connections;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import batchnorm.service.Wire;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/// A gRPC client, or one of HTTP/2 with prior knowledge, begins with the preface of HTTP/2 (RFC
/// 9113, 3.4) and its settings. The service closes and counts such a connection without a log
/// entry.
@ExtendWith({OutputCaptureExtension.class, ServiceUnderTest.Shared.class})
class Http2PrefaceTest {
    private static final byte[] PREFACE =
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] SETTINGS = {0, 0, 0, 4, 0, 0, 0, 0, 0};
    private static final Pattern COUNTED =
            Pattern.compile("(?m)^batchnorm_connections_http2_refused_total (\\S+)");

    private final Client client;

    Http2PrefaceTest(Client client) {
        this.client = client;
    }

    @Test
    void isClosedQuietlyAndCounted(CapturedOutput output) throws IOException {
        double before = counted();
        byte[] hello = Wire.join(PREFACE, SETTINGS);
        for (int i = 0; i < 3; i++) {
            assertThat(answer(hello)).as("bytes in the response").isEmpty();
        }
        // The bytes that a client sends before it notices.
        assertThat(answer(Wire.join(hello, new byte[100_000]))).isEmpty();
        assertThat(counted() - before).isEqualTo(4);
        assertThat(output.toString()).doesNotContain("ERROR", "Exception");
        client.get("//v2/health/ready").expect(200);
    }

    @Test
    void isClosedQuietlyWhenItComesInPieces(CapturedOutput output) throws Exception {
        try (Socket socket = connection()) {
            byte[] hello = Wire.join(PREFACE, SETTINGS);
            for (int from = 0; from < hello.length; from += 11) {
                socket.getOutputStream()
                        .write(Arrays.copyOfRange(hello, from, Math.min(from + 11, hello.length)));
                socket.getOutputStream().flush();
                Thread.sleep(Duration.ofMillis(30));
            }
            drain(socket);
        } catch (IOException closed) {
            assertThat(closed).hasMessageMatching("(?i).*(reset|broken pipe).*");
        }
        assertThat(output.toString()).doesNotContain("ERROR", "Exception");
    }

    private byte[] answer(byte[] hello) throws IOException {
        try (Socket socket = connection()) {
            try {
                socket.getOutputStream().write(hello);
                return drain(socket);
            } catch (IOException reset) {
                return new byte[0];
            }
        }
    }

    private static byte[] drain(Socket socket) throws IOException {
        return socket.getInputStream().readAllBytes();
    }

    private Socket connection() throws IOException {
        Socket socket = new Socket(client.root().getHost(), client.root().getPort());
        socket.setSoTimeout(10_000);
        return socket;
    }

    private double counted() throws IOException {
        Matcher metric = COUNTED.matcher(client.get("//actuator/prometheus").expect(200).body());
        return metric.find() ? Double.parseDouble(metric.group(1)) : 0;
    }
}
