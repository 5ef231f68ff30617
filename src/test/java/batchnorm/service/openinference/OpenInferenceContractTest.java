package batchnorm.service.openinference;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.Route;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/// Tests that the static contract of `/v2` is complete and correct.
@ExtendWith(ServiceUnderTest.Shared.class)
class OpenInferenceContractTest {
    private static final String FILE = "/openapi/open-inference.json";
    private final Client client;

    OpenInferenceContractTest(Client client) {
        this.client = client;
    }

    private record Documented(String method, String path, JsonNode operation) {
        Route route() {
            return new Route(method, path);
        }
    }

    @Test
    void isShownBesideTheOtherContract() throws IOException {
        JsonNode shown = client.get("//v3/api-docs/swagger-config").expect(200).json().get("urls");
        assertThat(shown.valueStream().map(url -> url.get("url").stringValue()))
                .containsExactly("/v3/api-docs", FILE);
    }

    @Test
    void namesEveryRouteAndItsScope() throws IOException {
        Map<Route, String> documented = new TreeMap<>();
        committedOperations()
                .forEach(one ->
                        documented.put(
                                one.route(),
                                one.operation().at("/security/0/bearer/0").asString("none")));
        Map<Route, String> listed = new TreeMap<>(Route.listed());
        // A path for every method is an unsupported extension: 404 with a reason.
        listed.keySet()
                .removeIf(route ->
                        !route.pattern().startsWith("/v2")
                                || route.pattern().equals("/v2/")
                                || route.method().equals("ANY"));
        assertThat(documented).isEqualTo(listed);
    }

    @Test
    void saysWhatEveryFieldMeans() throws IOException {
        for (Map.Entry<String, JsonNode> schema :
                contract().at("/components/schemas").properties()) {
            for (Map.Entry<String, JsonNode> field :
                    schema.getValue().path("properties").properties()) {
                assertThat(field.getValue().path("description").asString(""))
                        .as("%s.%s", schema.getKey(), field.getKey())
                        .isNotBlank();
            }
        }
    }

    @Test
    void respondsAsItsRowStates() throws IOException {
        String layer = client.layer("\"features\": 2").substring("/layers/".length());
        for (Documented one : operations().toList()) {
            JsonNode example = one.operation().at("/requestBody/content/application~1json/example");
            Answer answer =
                    client.send(
                            one.method(),
                            "/" + one.path().replace("{name}", layer).replace("{version}", "1"),
                            example.isMissingNode()
                                    ? null
                                    : example.toString().getBytes(StandardCharsets.UTF_8));
            JsonNode schema =
                    one.operation().at("/responses/200/content/application~1json/schema/$ref");
            if (schema.isMissingNode()) {
                assertThat(one.operation().at("/operationId").stringValue())
                        .as("never succeeds")
                        .isEqualTo("unloadModel");
                check(answer.expect(400).json(), "#/components/schemas/Error");
            } else {
                check(answer.expect(200).json(), schema.stringValue());
            }
        }
    }

    /// Tests that required fields are present and that no field is undocumented.
    private void check(JsonNode value, String reference) throws IOException {
        JsonNode schema = contract().at(reference.substring(1));
        if (value.isArray()) {
            check(value.get(0), schema.at("/items/$ref").stringValue());
            return;
        }
        Set<String> required =
                schema.get("required")
                        .valueStream()
                        .map(JsonNode::stringValue)
                        .collect(Collectors.toSet());
        assertThat(value.propertyNames()).as(reference).containsAll(required);
        assertThat(schema.get("properties").propertyNames())
                .as(reference)
                .containsAll(value.propertyNames());
        for (Map.Entry<String, JsonNode> field : schema.get("properties").properties()) {
            JsonNode items = field.getValue().at("/items/$ref");
            if (!items.isMissingNode() && value.path(field.getKey()).has(0)) {
                check(value.get(field.getKey()).get(0), items.stringValue());
            }
        }
    }

    /// The committed document. The served one has no scopes without credentials.
    private static Stream<Documented> committedOperations() throws IOException {
        return operations(
                Answer.JSON.readTree(
                        Files.readString(Path.of("src/main/resources/static" + FILE))));
    }

    private Stream<Documented> operations() throws IOException {
        return operations(contract());
    }

    private static Stream<Documented> operations(JsonNode contract) {
        return contract.get("paths")
                .propertyStream()
                .flatMap(path ->
                        path.getValue()
                                .propertyStream()
                                .map(method ->
                                        new Documented(
                                                method.getKey().toUpperCase(Locale.ROOT),
                                                path.getKey(),
                                                method.getValue())));
    }

    private JsonNode contract() throws IOException {
        return client.get("/" + FILE).expect(200).json();
    }

    /// Tests that every supported parameter and input is described, with its operations.
    @Test
    void describesEveryWordAndInput() throws IOException {
        JsonNode schemas = contract().at("/components/schemas");
        JsonNode words = schemas.at("/InferRequest/properties/parameters/properties");
        assertThat(words.propertyNames())
                .containsExactlyInAnyOrder(
                        "operation",
                        "context_id",
                        "mode",
                        "save_context",
                        "commit",
                        "return_statistics",
                        "statistics_blend",
                        "binary_data_output");
        JsonNode infer = contract().at("/paths/~1v2~1models~1{name}~1infer/post");
        assertThat(
                        infer.get("parameters")
                                .valueStream()
                                .filter(one -> one.get("in").stringValue().equals("query"))
                                .map(one -> one.get("name").stringValue()))
                .containsExactlyInAnyOrderElementsOf(words.propertyNames());
        assertThat(
                        schemas.at("/InferInput/properties/name/enum")
                                .valueStream()
                                .map(JsonNode::stringValue))
                .containsExactlyInAnyOrder(
                        "input", "grad_output", "mask", "weights", "batch_mean", "batch_var");
    }
}
