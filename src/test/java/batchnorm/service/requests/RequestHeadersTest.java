package batchnorm.service.requests;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.fixtures.RandomSeed;
import batchnorm.service.ServiceUnderTest;
import batchnorm.service.security.Issuer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springdoc.core.service.OpenAPIService;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/// Tests that no header value causes a server failure or a stack trace in the log.
/// `-Dheaders.requests=100000` tries more random values.
@Tag("fuzz")
@ExtendWith(OutputCaptureExtension.class)
class RequestHeadersTest {
    private static final int REQUESTS = Integer.getInteger("headers.requests", 400);
    private static final String KEY = "the-admins-key";
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] (\\d{3}) ");

    /// Statuses meaningful to a proxy or client: the coding or version is not implemented.
    private static final Set<Integer> NOT_IMPLEMENTED = Set.of(501, 505);

    private static final String[] ROUTES = {
        "GET /api/v1/layers",
        "GET /api/v1/layers/plain",
        "GET /api/v1/layers/plain/state?framework=keras",
        "POST /api/v1/layers/plain/forward-train {\"input\": [[1, 2], [3, 4]]}",
        "POST /api/v1/layers/plain/forward-infer {\"input\": [[1, 2]]}",
        "PATCH /api/v1/layers/plain {\"gamma\": [1, 2]}",
        "GET /v2/models/plain",
        "POST /v2/models/plain/infer {\"inputs\": []}",
        "POST /v2/repository/index {}",
        "GET /v3/api-docs",
        "GET /v3/api-docs/swagger-config",
        "GET /swagger-ui.html",
        "GET /swagger-ui/index.html",
        "GET /actuator",
        "GET /actuator/health",
        "GET /actuator/prometheus",
        "GET /",
        "GET /playground/page.js",
        "OPTIONS /api/v1/layers",
        "HEAD /api/v1/layers/plain",
        "GET /nothing",
        "GET /error",
    };

    private static ServiceUnderTest service;
    private static Issuer issuer;

    @BeforeAll
    static void start() throws Exception {
        issuer = new Issuer();
        service =
                new ServiceUnderTest(
                        "BATCHNORM_JWT_ISSUER=" + issuer.url(),
                        "BATCHNORM_JWT_AUDIENCE=" + Issuer.AUDIENCE,
                        "BATCHNORM_API_KEYS=admin:admin:" + sha256(KEY),
                        "BATCHNORM_BODY_GRACE=2s",
                        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=" + issuer.url() + "/traces");
        service.client()
                .post(
                        "/layers",
                        "{\"name\": \"plain\", \"features\": 2}",
                        "Authorization",
                        "Bearer " + KEY)
                .expect(201);
    }

    @AfterAll
    static void stop() throws IOException {
        service.close();
        issuer.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GET /api/v1/layers            | Accept-Language | a, b, c, d, e, f, g, h, i, j, k, l, m | 200",
                "GET /v3/api-docs              | Accept-Language | a, b, c, d, e, f, g, h, i, j, k, l, m | 200",
                "GET /actuator/prometheus      | Accept          | ''                                    | 200",
                "GET /api/v1/layers            | Accept          | ''                                    | 200",
                "GET /v3/api-docs/swagger-config | Forwarded     | host=\"[::1\"                         | 200",
                "GET /v3/api-docs              | Forwarded       | host=\"[::1\"                         | 200",
            })
    void whatIsNotUnderstoodIsIgnored(String route, String name, String value, int status)
            throws IOException {
        assertThat(send(route, name, value)).isEqualTo(status);
    }

    @Test
    void manyMediaTypesAreRefused() throws IOException {
        String types =
                HeaderValues.always().stream()
                        .filter(v -> v.startsWith("a/b0,"))
                        .toList()
                        .getFirst();
        assertThat(send("GET /api/v1/layers", "Accept", types)).isEqualTo(406);
        assertThat(send("GET /api/v1/layers", "Accept", types + ",*/*")).isEqualTo(406);
    }

    @Test
    void anyOfTheAcceptLinesMayNameTheMediaType() throws IOException {
        assertThat(send("GET /api/v1/layers", "Accept", "text/html\r\nAccept: application/json"))
                .isEqualTo(200);
    }

    @Test
    void theContractIsCachedInOneLanguageOnly() throws IOException {
        for (String language : List.of("de", "fr-CA", "x-klingon", "zh, ja;q=0.5")) {
            assertThat(send("GET /v3/api-docs", "Accept-Language", language)).isEqualTo(200);
        }
        OpenAPIService documents = service.application().getBean(OpenAPIService.class);
        assertThat(Locale.availableLocales().filter(l -> documents.getCachedOpenAPI(l) != null))
                .containsExactly(Locale.ENGLISH);
    }

    /// Returns an even sample of all pairs of header and value; all pairs in a long run.
    @Test
    void everyHeaderTakesStrangeValues(CapturedOutput output) throws IOException {
        int before = output.length();
        List<String> values = HeaderValues.always();
        int pairs = HeaderValues.NAMES.size() * values.size();
        int step = Math.max(1, pairs / REQUESTS);
        for (int pair = Math.floorMod(RandomSeed.seed(2), step); pair < pairs; pair += step) {
            String name = HeaderValues.NAMES.get(pair / values.size());
            String value = values.get(pair % values.size());
            check(ROUTES[pair % ROUTES.length], name, value, "");
        }
        checkLog(output, before);
    }

    @Test
    void randomHeadersFailNothing(CapturedOutput output) throws IOException {
        int before = output.length();
        HeaderValues values = new HeaderValues(1);
        for (int i = 0; i < REQUESTS; i++) {
            String more = "";
            for (int j = values.below(4); j > 0; j--) {
                more += values.name() + ": " + values.value() + "\r\n";
            }
            String route = ROUTES[values.below(ROUTES.length)];
            check(route, values.name(), values.value() + "\r\n" + more, "request " + i);
        }
        checkLog(output, before);
    }

    private static void check(String route, String name, String value, String number)
            throws IOException {
        int status = send(route, name, value);
        assertThat(status < 500 || NOT_IMPLEMENTED.contains(status))
                .as("%d: %s with %s: %s %s", status, route, name, value, number)
                .isTrue();
    }

    private static void checkLog(CapturedOutput output, int before) {
        String logged = output.toString().substring(before);
        assertThat(logged.lines().filter(line -> line.startsWith("\tat ")).toList())
                .as(logged.substring(0, Math.min(logged.length(), 4_000)))
                .isEmpty();
    }

    /// @return the status, or 0 if the connection ended without a response
    private static int send(String route, String name, String value) throws IOException {
        String[] parts = route.split(" ", 3);
        StringBuilder head = new StringBuilder(parts[0] + " " + parts[1] + " HTTP/1.1\r\n");
        addUnless(name, "Host", "localhost", head);
        addUnless(name, "Connection", "close", head);
        addUnless(name, "Authorization", "Bearer " + KEY, head);
        String body = parts.length > 2 ? parts[2] : "";
        if (!body.isEmpty()) {
            addUnless(name, "Content-Type", "application/json", head);
            addUnless(name, "Content-Length", Integer.toString(body.length()), head);
        }
        head.append(name).append(": ").append(value.strip()).append("\r\n\r\n").append(body);
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), service.client().root().getPort())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(head.toString().getBytes(StandardCharsets.ISO_8859_1));
            socket.shutdownOutput();
            return status(socket.getInputStream());
        } catch (SocketException reset) {
            return 0;
        }
    }

    private static void addUnless(String name, String header, String value, StringBuilder head) {
        if (!name.equals(header)) {
            head.append(header).append(": ").append(value).append("\r\n");
        }
    }

    private static int status(InputStream in) throws IOException {
        Matcher line = STATUS.matcher(new String(in.readAllBytes(), StandardCharsets.ISO_8859_1));
        int status = 0;
        while (line.find()) { // the last one: 100 precedes others
            status = Integer.parseInt(line.group(1));
        }
        return status;
    }

    private static String sha256(String text) throws Exception {
        return HexFormat.of()
                .formatHex(
                        MessageDigest.getInstance("SHA-256")
                                .digest(text.getBytes(StandardCharsets.UTF_8)));
    }
}
