package batchnorm.service.security;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Answer;
import batchnorm.service.Route;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Date;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.web.context.WebApplicationContext;

/// Tests every route for every kind of identity.
@Tag("slow")
class AccessMatrixTest {
    private static final List<String> SCOPES = List.of("none", "infer", "train", "admin");
    private static ServiceUnderTest service;
    private static Issuer issuer;

    @BeforeAll
    static void start() throws IOException {
        issuer = new Issuer();
        service =
                new ServiceUnderTest(
                        "BATCHNORM_JWT_ISSUER=" + issuer.url(),
                        "BATCHNORM_JWT_AUDIENCE=" + Issuer.AUDIENCE,
                        "BATCHNORM_API_KEYS="
                                + Stream.of("infer", "train", "admin")
                                        .map(scope ->
                                                scope + ":" + scope + ":" + sha256(key(scope)))
                                        .collect(Collectors.joining(",")));
    }

    @AfterAll
    static void stop() throws IOException {
        service.close();
        issuer.close();
    }

    @Test
    void everyRouteIsListedInRoutesTsv() throws IOException {
        assertThat(Route.registered((WebApplicationContext) service.application()))
                .as("routes.tsv lists the scope of every route")
                .isEqualTo(Route.listed().keySet());
    }

    @Test
    void everyRouteLetsInWhoMayAndNobodyElse() throws IOException {
        Map<String, String> wrong = new LinkedHashMap<>();
        for (Map.Entry<Route, String> route : Route.listed().entrySet()) {
            for (Map.Entry<String, String> caller : callers().entrySet()) {
                int status = status(route.getKey(), caller.getValue());
                int expected = expected(route.getValue(), caller.getKey());
                if (status != expected && !(expected == 200 && status != 401 && status != 403)) {
                    wrong.put(
                            route.getKey() + " for " + caller.getKey(),
                            status + ", not " + expected);
                }
            }
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void respondsWithTheScopeOfTheCredentials() throws IOException {
        for (String scope : SCOPES) {
            if (!scope.equals("none")) {
                String[] credentials = {"Authorization", "Bearer " + key(scope)};
                Answer layers = service.client().get("/layers", credentials).expect(200);
                assertThat(layers.header("Granted-Scope")).isEqualTo(scope);
            }
        }
        assertThat(service.client().get("//problems").header("Granted-Scope")).isEmpty();
    }

    /// 200 represents every status except 401 and 403.
    private static int expected(String needed, String caller) {
        String granted = caller.split(":")[0];
        if (needed.equals("none")) {
            return 200;
        }
        if (!SCOPES.contains(granted)) {
            return 401;
        }
        return SCOPES.indexOf(granted) >= SCOPES.indexOf(needed) ? 200 : 403;
    }

    /// The permissions of the identities with reasons, and their `Authorization`.
    private static Map<String, String> callers() {
        Map<String, String> callers = new LinkedHashMap<>();
        callers.put("unknown: sends nothing", "");
        callers.put("unknown: a key that nobody has", "Bearer " + key("nobody"));
        callers.put("unknown: a key's digest", "Bearer " + sha256(key("admin")));
        callers.put("unknown: a user and a password", "Basic YWRtaW46YWRtaW4=");
        callers.put("unknown: an empty token", "Bearer ");
        for (String scope : List.of("infer", "train", "admin")) {
            callers.put(scope + ": a key", "Bearer " + key(scope));
            callers.put(
                    scope + ": a token",
                    "bearer " + issuer.token(claims -> claims.claim("scope", "openid " + scope)));
        }
        callers.put(
                "train: a token with a list",
                "Bearer " + issuer.token(claims -> claims.claim("scp", List.of("infer", "train"))));
        callers.put(
                "none: a token that grants nothing", "Bearer " + issuer.token(claims -> claims));
        callers.put(
                "unknown: an expired token",
                "Bearer "
                        + issuer.token(claims ->
                                claims.claim("scope", "admin")
                                        .expirationTime(Date.from(Instant.EPOCH))));
        callers.put(
                "unknown: a token for ever",
                "Bearer "
                        + issuer.token(
                                claims -> claims.claim("scope", "admin").expirationTime(null)));
        callers.put(
                "unknown: a token for another service",
                "Bearer "
                        + issuer.token(claims -> claims.claim("scope", "admin").audience("other")));
        callers.put(
                "unknown: a token of another issuer",
                "Bearer "
                        + issuer.token(claims ->
                                claims.claim("scope", "admin").issuer("http://127.0.0.1")));
        callers.put(
                "unknown: a forged token",
                "Bearer " + issuer.forged(claims -> claims.claim("scope", "admin")));
        callers.put(
                "unknown: an unsigned token",
                "Bearer eyJhbGciOiJub25lIn0.eyJzY29wZSI6ImFkbWluIn0.");
        return callers;
    }

    private static int status(Route route, String authorization) throws IOException {
        byte[] body = "{".getBytes(StandardCharsets.US_ASCII);
        String[] headers =
                authorization.isEmpty()
                        ? new String[0]
                        : new String[] {"Authorization", authorization};
        boolean reads = route.anyMethod().equals("POST") || route.anyMethod().equals("PATCH");
        Answer answer =
                service.client()
                        .send(
                                route.anyMethod(),
                                "/" + route.anyPath(),
                                reads ? body : null,
                                headers);
        if (answer.status() == 401 || answer.status() == 403) {
            checkForm(answer, route.pattern().startsWith("/v2"));
            assertThat(answer.header("WWW-Authenticate")).startsWith("Bearer ");
        }
        return answer.status();
    }

    private static void checkForm(Answer answer, boolean openInference) {
        if (openInference) {
            assertThat(answer.field("error").stringValue()).hasSizeGreaterThan(15);
            return;
        }
        assertThat(answer.slug())
                .isEqualTo(answer.status() == 401 ? "unauthenticated" : "forbidden");
        assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
    }

    @Test
    void anInferenceRequestNeedsWhatItsOperationNeeds() throws IOException {
        String[] infer = {"Authorization", "Bearer " + key("infer")};
        String[] train = {"Authorization", "Bearer " + key("train")};
        service.client().post("/layers", "{\"name\": \"scoped\", \"features\": 1}", train);
        String body =
                "{\"parameters\": {\"operation\": \"%s\"}, \"inputs\": [{\"name\": \"input\","
                        + " \"shape\": [2, 1], \"datatype\": \"FP64\", \"data\": [1, 2]}]}";
        String path = "//v2/models/scoped/infer";
        for (String operation : List.of("forward-train", "backward")) {
            assertThat(service.client().post(path, body.formatted(operation), infer).status())
                    .isEqualTo(403);
        }
        assertThat(service.client().get("/layers/scoped", infer).field("num_batches_tracked"))
                .hasToString("0");
        service.client().post(path, body.formatted("forward-infer"), infer).expect(200);
        service.client().post(path, body.formatted("forward-train"), train).expect(200);
    }

    /// A context is training memory: a key without the training scope must not be able to fill it.
    @Test
    void aContextNeedsTheScopeThatItsBackwardNeeds() throws IOException {
        String[] infer = {"Authorization", "Bearer " + key("infer")};
        String[] train = {"Authorization", "Bearer " + key("train")};
        service.client().post("/layers", "{\"name\": \"kept\", \"features\": 1}", train);
        String path = "/layers/kept/forward-infer";
        String body = "{\"input\": [[1], [2]], \"save_context\": %s}";
        Answer refused =
                service.client()
                        .post(path, body.formatted(true), infer)
                        .expectProblem(403, "forbidden");
        assertThat(refused.header("WWW-Authenticate")).contains("scope=\"train\"");
        service.client().post(path, body.formatted(false), infer).expect(200);
        service.client().post(path, body.formatted(true), train).expect(200);

        String request =
                "{\"parameters\": {\"save_context\": %s}, \"inputs\": [{\"name\": \"input\","
                        + " \"shape\": [2, 1], \"datatype\": \"FP64\", \"data\": [1, 2]}]}";
        String model = "//v2/models/kept/infer";
        assertThat(service.client().post(model, request.formatted(true), infer).status())
                .isEqualTo(403);
        service.client().post(model, request.formatted(false), infer).expect(200);
        service.client().post(model, request.formatted(true), train).expect(200);
    }

    private static String key(String name) {
        return sha256("the key of " + name);
    }

    private static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(
                            MessageDigest.getInstance("SHA-256")
                                    .digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
