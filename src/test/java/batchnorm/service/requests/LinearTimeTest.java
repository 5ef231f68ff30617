package batchnorm.service.requests;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/// Tests that the time grows linearly with the length of any header and query value. A value of
/// twice the length takes at most two and a half times as long.
///
/// This is the only assertion on time. It compares minima of one run, so a busy machine delays it
/// without failing it. A quadratic parser takes four times as long in every repetition.
@ExtendWith(ServiceUnderTest.Shared.class)
class LinearTimeTest {
    /// Twice this length plus the rest of the request fits the limit of 16 KB for headers.
    private static final int LENGTH = 7_000;

    private static final double GROWTH = 2.5;

    /// Nanoseconds of a request independent of its values: connection, layer, JSON. Quadratic work
    /// on 14,000 characters takes longer.
    private static final double FIXED = 5e6;

    /// Gives up on a quadratic parser after this time and three repetitions.
    private static final long MAX_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final List<String> PATTERNS =
            List.of(" ", "\"", "\"\",", "a,", "a;", "1,", "a=\"", "(", "\\", "*/*,", "w*,");

    private static final List<String> QUERY_PATTERNS = List.of("a", "1", "w*,", "0,", "-", "%20");

    private static final String LAYERS = "GET /api/v1/layers";
    private static final String INFER = "POST /api/v1/layers/linear-time/forward-infer";

    private static final Map<String, String> ROUTES =
            Map.ofEntries(
                    Map.entry("If-None-Match", "GET /api/v1/layers/linear-time"),
                    Map.entry("If-Match", "POST /api/v1/layers/linear-time/reset"),
                    Map.entry("If-Modified-Since", "GET /index.html"),
                    Map.entry("If-Range", "GET /index.html"),
                    Map.entry("Range", "GET /index.html"),
                    Map.entry("Accept", LAYERS),
                    Map.entry("Accept-Charset", LAYERS),
                    Map.entry("Accept-Encoding", "GET /v3/api-docs/swagger-config"),
                    Map.entry("Accept-Language", LAYERS),
                    Map.entry("Authorization", LAYERS),
                    Map.entry("Content-Encoding", INFER),
                    Map.entry("Content-Type", INFER),
                    Map.entry("Cookie", LAYERS),
                    Map.entry("Forwarded", "GET /v3/api-docs/swagger-config"),
                    Map.entry("Idempotency-Key", "POST /api/v1/layers/linear-time/forward-train"),
                    Map.entry(
                            "Inference-Header-Content-Length", "POST /v2/models/linear-time/infer"),
                    Map.entry("Origin", LAYERS),
                    Map.entry("Referer", LAYERS),
                    Map.entry("Tensor-Datatype", INFER),
                    Map.entry("Tensor-Shape", INFER),
                    Map.entry("traceparent", LAYERS),
                    Map.entry("X-Forwarded-Host", "GET /v3/api-docs/swagger-config"),
                    Map.entry("X-Request-Id", LAYERS));

    private final Client client;

    LinearTimeTest(Client client) throws IOException {
        this.client = client;
        client.post("/layers", "{\"name\": \"linear-time\", \"features\": 2}");
    }

    static Stream<String> headers() {
        return ROUTES.keySet().stream().sorted();
    }

    @ParameterizedTest
    @MethodSource("headers")
    void aHeaderOfTwiceTheLengthTakesAboutTwiceTheTime(String header) throws IOException {
        String type =
                header.startsWith("Tensor-") ? "Content-Type: application/octet-stream\r\n" : "";
        String head =
                ROUTES.get(header) + " HTTP/1.1\r\nHost: localhost\r\n" + type + header + ": x";
        for (String pattern : PATTERNS) {
            check(header, pattern, head, "x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
    }

    @Test
    void aQueryValueOfTwiceTheLengthTakesAboutTwiceTheTime() throws IOException {
        List<String> parameters = parameters();
        assertThat(parameters).hasSizeGreaterThan(20).anyMatch(p -> p.endsWith("names="));
        for (int i = 0; i < parameters.size(); i++) {
            String head = parameters.get(i);
            // Every parameter with two of the patterns; all of them with `names`.
            for (int j = 0; j < QUERY_PATTERNS.size(); j++) {
                if (head.endsWith("names=") || j % 3 == i % 3) {
                    check(
                            head,
                            QUERY_PATTERNS.get(j),
                            head,
                            " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                }
            }
        }
    }

    /// Returns the start of a request line for each query parameter of the contract.
    private List<String> parameters() throws IOException {
        List<String> heads = new ArrayList<>();
        JsonNode paths = client.get("//v3/api-docs").expect(200).json().get("paths");
        for (Map.Entry<String, JsonNode> path : paths.properties()) {
            String target =
                    path.getKey().replace("{name}", "linear-time").replaceAll("\\{\\w+}", "1");
            for (Map.Entry<String, JsonNode> operation : path.getValue().properties()) {
                for (JsonNode parameter : operation.getValue().path("parameters")) {
                    String name = parameter.path("name").asString();
                    if (parameter.path("in").asString().equals("query")
                            && !operation.getKey().equals("delete")) {
                        String others = name.equals("framework") ? "" : "framework=keras&";
                        heads.add(
                                operation.getKey().toUpperCase(Locale.ROOT)
                                        + " "
                                        + target
                                        + "?"
                                        + (target.contains("state") ? others : "")
                                        + name
                                        + "=");
                    }
                }
            }
        }
        return heads;
    }

    private void check(String what, String pattern, String head, String rest) throws IOException {
        byte[] once = request(head, pattern, LENGTH, rest);
        byte[] twice = request(head, pattern, 2 * LENGTH, rest);
        double shorter = Double.MAX_VALUE;
        double longer = Double.MAX_VALUE;
        long end = System.nanoTime() + MAX_NANOS;
        for (int i = 0; i < 3 || System.nanoTime() < end; i++) {
            shorter = Math.min(shorter, nanos(once));
            longer = Math.min(longer, nanos(twice));
            if (longer <= GROWTH * shorter + FIXED) {
                return;
            }
        }
        assertThat(longer)
                .as("nanoseconds of %s with many '%s'; half as many: %s", what, pattern, shorter)
                .isLessThanOrEqualTo(GROWTH * shorter + FIXED);
    }

    private static byte[] request(String head, String pattern, int length, String rest) {
        String value = pattern.repeat(length / pattern.length());
        return (head + value + rest).getBytes(StandardCharsets.ISO_8859_1);
    }

    private double nanos(byte[] request) throws IOException {
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), client.root().getPort())) {
            socket.setSoTimeout(30_000);
            long begin = System.nanoTime();
            socket.getOutputStream().write(request);
            String response =
                    new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            long nanos = System.nanoTime() - begin;
            assertThat(response).startsWith("HTTP/1.1 ");
            return nanos;
        }
    }
}
