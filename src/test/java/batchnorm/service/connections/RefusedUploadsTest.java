package batchnorm.service.connections;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.ServiceUnderTest;
import batchnorm.service.Wire.Reply;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Tests requests rejected during the upload of a large body. The clients write the whole body
/// before they read the response, as most do.
class RefusedUploadsTest {
    /// Exceeds the buffers of a connection.
    private static final int LARGE = 24 << 20;

    /// Blanks, a valid prefix of JSON.
    private static final byte[] BLOCK = " ".repeat(1 << 16).getBytes(US_ASCII);

    private static final String TRAINER = "1".repeat(32);
    private static final String READER = "2".repeat(32);
    private static ServiceUnderTest service;

    @BeforeAll
    static void start() throws IOException {
        service =
                new ServiceUnderTest(
                        "BATCHNORM_MAX_BODY_BYTES=16777216",
                        "BATCHNORM_DRAIN_TIME=3s",
                        "BATCHNORM_BODY_GRACE=2s",
                        "BATCHNORM_SILENCE_TIMEOUT=2s",
                        "BATCHNORM_API_KEYS=trainer:train:%s,reader:infer:%s"
                                .formatted(sha256(TRAINER), sha256(READER)));
        service.client()
                .send(
                        "POST",
                        "/layers",
                        "{\"name\": \"layer\", \"features\": 2}".getBytes(US_ASCII),
                        "Content-Type",
                        "application/json",
                        "Authorization",
                        "Bearer " + TRAINER)
                .expect(201);
    }

    @AfterAll
    static void stop() throws IOException {
        service.close();
    }

    @ParameterizedTest(name = "{0} {1} {2}")
    @CsvSource(
            delimiter = '|',
            value = {
                "401 | POST | /api/v1/layers/layer/forward-train | X: y",
                "401 | POST | /v2/models/layer/infer | X: y",
                "403 | POST | /api/v1/layers/layer/forward-train | Authorization: Bearer reader",
                "403 | POST | /api/v1/layers/layer/forward-train | Sec-Fetch-Site: cross-site",
                "404 | POST | /api/v1/nothing | Authorization: Bearer trainer",
                "404 | POST | /nothing | X: y",
                "404 | POST | /v2/nothing | Authorization: Bearer trainer",
                "405 | PUT | /api/v1/layers | Authorization: Bearer trainer",
                "413 | POST | /api/v1/layers/layer/forward-train | Authorization: Bearer trainer",
                "413 | POST | /v2/models/layer/infer | Authorization: Bearer trainer",
                "415 | POST | /api/v1/layers/layer/forward-train | Authorization: Bearer trainer; Content-Type: text/plain",
                "406 | POST | /api/v1/layers/layer/forward-train | Authorization: Bearer trainer; Accept: text/plain",
                "401 | DELETE | /api/v1/layers/layer | X: y",
                "200 | POST | /v2/repository/index | Authorization: Bearer trainer",
            })
    void theClientSeesWhy(int status, String method, String path, String headers)
            throws IOException {
        assertThat(upload(method, path, headers, LARGE, "").status()).isEqualTo(status);
        assertThat(uploadInChunks(method, path, headers, LARGE).status()).isEqualTo(status);
    }

    @Test
    void anErrorInTheJsonBeforeBinaryDataIsSeen() throws IOException {
        String json =
                "{\"inputs\": [{\"name\": \"input\", \"datatype\": \"FP31\", \"shape\": [1, 2]}]}";
        Reply reply =
                upload(
                        "POST",
                        "/v2/models/layer/infer",
                        "Authorization: Bearer trainer; Inference-Header-Content-Length: "
                                + json.length(),
                        (16 << 20) - 1,
                        json);
        assertThat(reply.expect(400).error()).contains("FP31");
    }

    @Test
    void anErrorInTheFirstBytesOfJsonIsSeen() throws IOException {
        Reply reply =
                upload(
                        "POST",
                        "/api/v1/layers/layer/forward-train",
                        "Authorization: Bearer trainer; Content-Type: application/json",
                        (16 << 20) - 1,
                        "{\"inputt\": ");
        assertThat(reply.expect(400).text()).contains("inputt");
    }

    /// The client waits for `100 Continue`, which does not arrive.
    @Test
    void ofABodyThatWaitsForContinueNothingIsRead() throws IOException {
        try (Socket socket = connect()) {
            long start = System.nanoTime();
            socket.getOutputStream()
                    .write(
                            head(
                                    "POST",
                                    "/api/v1/layers/layer/forward-train",
                                    "Expect: 100-continue",
                                    "Content-Length: " + LARGE));
            String answer = new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
            assertThat(answer).startsWith("HTTP/1.1 401").doesNotContain("100 Continue");
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isLessThan(Duration.ofSeconds(2));
        }
    }

    @Test
    void anAcceptedBodyIsContinued() throws IOException {
        byte[] body = "{\"input\": [[1, 2]]}".getBytes(US_ASCII);
        try (Socket socket = connect()) {
            socket.getOutputStream()
                    .write(
                            head(
                                    "POST",
                                    "/api/v1/layers/layer/forward-infer",
                                    "Authorization: Bearer trainer; Content-Type: application/json",
                                    "Connection: close\r\nExpect: 100-continue\r\nContent-Length: "
                                            + body.length));
            StringBuilder interim = new StringBuilder();
            while (interim.indexOf("\r\n\r\n") < 0) {
                interim.append((char) socket.getInputStream().read());
            }
            assertThat(interim).startsWith("HTTP/1.1 100");
            socket.getOutputStream().write(body);
            assertThat(new String(socket.getInputStream().readAllBytes(), ISO_8859_1))
                    .startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void aClientThatSendsNothingOfItsBodySeesWhy() throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream()
                    .write(
                            head(
                                    "POST",
                                    "/api/v1/layers/layer/forward-train",
                                    "X: y",
                                    "Content-Length: " + LARGE));
            String answer = new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
            assertThat(answer).startsWith("HTTP/1.1 401").contains("/problems/unauthenticated");
        }
    }

    /// Even if the bytes arrive steadily.
    @Test
    void anUnreadTrickleIsCut() throws Exception {
        try (Socket socket = connect()) {
            OutputStream out = socket.getOutputStream();
            out.write(
                    head(
                            "POST",
                            "/api/v1/layers/layer/forward-train",
                            "X: y",
                            "Content-Length: 10000000"));
            long start = System.nanoTime();
            boolean cut = false;
            while (!cut && System.nanoTime() - start < TimeUnit.SECONDS.toNanos(12)) {
                try {
                    out.write(BLOCK, 0, 4096);
                    Thread.sleep(100);
                } catch (SocketException closed) {
                    cut = true;
                }
            }
            assertThat(cut).isTrue();
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isBetween(Duration.ofSeconds(2), Duration.ofSeconds(8));
        }
    }

    @Test
    void aBodyBeyondTwiceTheLimitIsNotReadToItsEnd() throws IOException {
        try (Socket socket = connect()) {
            OutputStream out = socket.getOutputStream();
            out.write(
                    head(
                            "POST",
                            "/api/v1/layers/layer/forward-train",
                            "Authorization: Bearer trainer; Content-Type: application/json",
                            "Transfer-Encoding: chunked"));
            long sent = 0;
            try {
                for (; sent < 1L << 30; sent += BLOCK.length) {
                    out.write("10000\r\n".getBytes(US_ASCII));
                    out.write(BLOCK);
                    out.write("\r\n".getBytes(US_ASCII));
                }
            } catch (SocketException cut) {
                // wanted
            }
            assertThat(sent).isLessThan(64 << 20);
        }
    }

    private static Reply upload(
            String method, String path, String headers, int length, String begin)
            throws IOException {
        try (Socket socket = connect()) {
            OutputStream out = socket.getOutputStream();
            out.write(head(method, path, headers, "Content-Length: " + length));
            out.write(begin.getBytes(US_ASCII));
            for (int left = length - begin.length(); left > 0; left -= BLOCK.length) {
                out.write(BLOCK, 0, Math.min(left, BLOCK.length));
            }
            return read(socket);
        }
    }

    private static Reply uploadInChunks(String method, String path, String headers, int length)
            throws IOException {
        try (Socket socket = connect()) {
            OutputStream out = socket.getOutputStream();
            out.write(head(method, path, headers, "Transfer-Encoding: chunked"));
            for (int left = length; left > 0; left -= BLOCK.length) {
                out.write("10000\r\n".getBytes(US_ASCII));
                out.write(BLOCK);
                out.write("\r\n".getBytes(US_ASCII));
            }
            out.write("0\r\n\r\n".getBytes(US_ASCII));
            return read(socket);
        }
    }

    private static Reply read(Socket socket) throws IOException {
        socket.shutdownOutput();
        return Reply.parse(socket.getInputStream().readAllBytes());
    }

    private static byte[] head(String method, String path, String headers, String length) {
        return "%s %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n%s\r\n\r\n"
                .formatted(method, path, headers.replace("; ", "\r\n"), length)
                .replace("Bearer trainer", "Bearer " + TRAINER)
                .replace("Bearer reader", "Bearer " + READER)
                .getBytes(US_ASCII);
    }

    private static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(
                            MessageDigest.getInstance("SHA-256").digest(text.getBytes(US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static Socket connect() throws IOException {
        Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), service.client().root().getPort());
        socket.setSoTimeout(20_000);
        return socket;
    }
}
