package batchnorm.service.connections;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import batchnorm.service.Wire;
import batchnorm.service.contract.OpenApiTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Tests HTTP/1.0 requests, as `ab` and an nginx with its default `proxy_pass` send them: without
/// chunks or trailers, and keep-alive only on request.
@ExtendWith(ServiceUnderTest.Shared.class)
class Http10Test {
    /// Rows and columns of a small tensor, and of one whose JSON is streamed.
    private static final List<int[]> SIZES = List.of(new int[] {2, 2}, new int[] {64, 256});

    private static final List<String> FORMATS =
            List.of(
                    "application/json",
                    "application/x-npy",
                    "application/x-npz",
                    "application/vnd.safetensors",
                    "application/octet-stream");

    private final Client client;
    private final Wire wire;

    Http10Test(Client client) {
        this.client = client;
        this.wire = new Wire(client);
    }

    static Stream<Arguments> everyAnswer() {
        return FORMATS.stream()
                .flatMap(format ->
                        SIZES.stream()
                                .flatMap(size ->
                                        Stream.of(true, false)
                                                .map(keepAlive ->
                                                        Arguments.of(
                                                                format, size[0], size[1],
                                                                keepAlive))));
    }

    @ParameterizedTest(name = "{0}, {1}x{2}, keep-alive: {3}")
    @MethodSource("everyAnswer")
    void everyPassIsAnsweredInEveryFormat(String format, int rows, int columns, boolean keepAlive)
            throws IOException {
        String layer = client.layer("\"features\": " + columns);
        String input = tensor(rows, columns);
        String stateless =
                "{\"mode\": \"train\", \"input\": %s, \"grad_output\": %s}".formatted(input, input);
        String body = "{\"input\": " + input + "}";
        checkSame(layer + "/forward-infer", body, format, keepAlive);
        // A bare array cannot hold three gradients.
        boolean isBare = format.equals("application/x-npy") || format.endsWith("octet-stream");
        checkSame(layer + "/backward", stateless, isBare ? "application/x-npz" : format, keepAlive);
        Wire.Reply trained = post(layer + "/forward-train", body, format, keepAlive).expect(200);
        assertThat(trained.body()).isNotEmpty();
        assertThat(client.get(layer).field("num_batches_tracked").longValue()).isEqualTo(1);
    }

    @ParameterizedTest(name = "{0}, {1}x{2}, keep-alive: {3}")
    @MethodSource("everyAnswer")
    void inferenceRequestsAreAnsweredInBothForms(
            String format, int rows, int columns, boolean keepAlive) throws IOException {
        String layer = client.layer("\"features\": " + columns);
        String name = layer.substring("/layers/".length());
        String request =
                """
                {"parameters": {"operation": "forward-train", "binary_data_output": %s},
                 "inputs": [{"name": "input", "datatype": "FP32", "shape": [%d, %d], "data": [%s]}]}
                """
                        .formatted(
                                !format.endsWith("json"), rows, columns, numbers(rows * columns));
        Wire.Reply reply = post("//v2/models/" + name + "/infer", request, "*/*", keepAlive);
        assertThat(reply.expect(200).numbers("output")).hasSize(rows * columns);
        assertThat(client.get(layer).field("num_batches_tracked").longValue()).isEqualTo(1);
    }

    /// Sends the example of every operation of the contract.
    @Test
    void everyOperationWorksThroughAProxyThatSpeaksHttp10() throws IOException {
        try (Http10Proxy proxy = new Http10Proxy(client.root().getPort())) {
            new OpenApiTest(new Client(proxy.port())).tryOutEveryOperation();
            assertThat(proxy.requests()).isGreaterThan(30);
        }
    }

    @Test
    void timingsFollowAsTrailersOnlyWhenTheClientReadsTrailers() throws IOException {
        String layer = client.layer("\"features\": 256");
        byte[] body = ("{\"input\": " + tensor(64, 256) + "}").getBytes(StandardCharsets.US_ASCII);
        String path = "/api/v1" + layer + "/forward-infer";
        String json = "Content-Type: application/json";
        assertThat(raw(path, body, json)).doesNotContain("encode;dur=");
        assertThat(raw(path, body, json, "TE: gzip;q=0.5")).doesNotContain("encode;dur=");
        assertThat(raw(path, body, json, "TE: gzip, Trailers"))
                .endsWith("\r\n\r\n")
                .containsPattern("\r\n0\r\n(?i:server-timing): encode;dur=[0-9.]+\r\n\r\n$");
    }

    private String raw(String path, byte[] body, String... headers) throws IOException {
        String head =
                "POST %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: %d\r\n%s\r\n\r\n"
                        .formatted(path, body.length, String.join("\r\n", headers));
        try (Socket socket = connect()) {
            socket.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().write(body);
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    /// Tests that the bytes equal those over HTTP/1.1.
    private void checkSame(String path, String body, String format, boolean keepAlive)
            throws IOException {
        Wire.Reply usual =
                wire.post(
                                "/api/v1" + path,
                                body.getBytes(StandardCharsets.US_ASCII),
                                "Content-Type: application/json",
                                "Accept: " + format)
                        .expect(200);
        Wire.Reply old = post(path, body, format, keepAlive).expect(200);
        assertThat(old.header("Content-Type")).isEqualTo(format);
        assertThat(old.body()).isEqualTo(usual.body());
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(client.root().getHost(), client.root().getPort());
        socket.setSoTimeout(20_000);
        return socket;
    }

    /// @param path below `/api/v1`, or below the root behind `//`
    private Wire.Reply post(String path, String body, String accept, boolean keepAlive)
            throws IOException {
        String head =
                "POST %s HTTP/1.0\r\nContent-Type: application/json\r\nAccept: %s\r\n%sContent-Length: %d\r\n\r\n"
                        .formatted(
                                path.startsWith("//") ? path.substring(1) : "/api/v1" + path,
                                accept,
                                keepAlive ? "Connection: keep-alive\r\n" : "",
                                body.length());
        try (Socket socket = connect()) {
            socket.getOutputStream().write((head + body).getBytes(StandardCharsets.US_ASCII));
            Wire.Reply reply = Wire.Reply.parse(readAnswer(socket.getInputStream()));
            assertThat(reply.headers()).doesNotContainKeys("transfer-encoding", "trailer");
            return reply;
        }
    }

    /// Reads up to the announced length, or to the end of the connection.
    private static byte[] readAnswer(InputStream in) throws IOException {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        while (!answer.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                return answer.toByteArray();
            }
            answer.write(next);
        }
        String head = answer.toString(StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
        int length = head.indexOf("\r\ncontent-length: ");
        if (length < 0) {
            assertThat(head).contains("connection: close");
            answer.writeBytes(in.readAllBytes());
        } else {
            String digits = head.substring(length + 18, head.indexOf("\r\n", length + 2));
            answer.writeBytes(in.readNBytes(Integer.parseInt(digits)));
        }
        return answer.toByteArray();
    }

    private static String tensor(int rows, int columns) {
        return "{\"shape\": [%d, %d], \"datatype\": \"FP32\", \"data\": [%s]}"
                .formatted(rows, columns, numbers(rows * columns));
    }

    private static String numbers(int count) {
        return String.join(", ", Collections.nCopies(count / 2, "1, 2.5"));
    }
}
