package batchnorm.service.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.Contract;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Tests the schemas of values in the contract: types, presence, limits.
@ExtendWith(ServiceUnderTest.Shared.class)
class ContractTest {
    private static final String GRADIENTS =
            "{\"grad_input\": [[1]], \"grad_gamma\": [1], \"grad_beta\": %s}";

    private final Client client;

    ContractTest(Client client) {
        this.client = client;
    }

    private static void check(String body) {
        Contract.check(
                "POST",
                "/api/v1/layers/a/backward?mode=train",
                200,
                "application/json",
                body.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"[1, 2.5]", "null", "[\"NaN\", \"-Infinity\"]"})
    void acceptsADocumentedResponse(String gradBeta) {
        check(GRADIENTS.formatted(gradBeta));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"1\"", "[\"1\"]", "[[1]]", "{}", "1, \"more\": 2"})
    void refusesAWrongTypeAndAnUndocumentedField(String gradBeta) {
        assertThatThrownBy(() -> check(GRADIENTS.formatted(gradBeta)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("Gradients");
    }

    @Test
    void refusesAMissingField() {
        assertThatThrownBy(() -> check("{\"grad_input\": [[1]], \"grad_gamma\": [1]}"))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("grad_beta");
    }

    @Test
    void refusesASuccessThatItDoesNotName() {
        assertThatThrownBy(() ->
                        Contract.check(
                                "GET",
                                "/api/v1/layers/a",
                                206,
                                "application/json",
                                "{}".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("206");
    }

    @Test
    void refusesAnUndocumentedFieldOfTheOpenInferenceProtocol() {
        assertThatThrownBy(() ->
                        Contract.check(
                                "GET",
                                "/v2/models/a/ready",
                                200,
                                "application/json",
                                "{\"name\": \"a\", \"ready\": true, \"since\": 1}"
                                        .getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("since");
    }

    /// A generated Go client has a function `New…` for each schema.
    @Test
    void namesNoSchemaAsTheConstructorOfAnother() throws IOException {
        List<String> names = new ArrayList<>();
        for (String path : List.of("//v3/api-docs", "//openapi/open-inference.json")) {
            names.addAll(client.get(path).json().at("/components/schemas").propertyNames());
        }
        assertThat(names).noneMatch(name -> name.startsWith("New"));
    }

    @Test
    void declaresNullableObjectsAndOptionalArrays() throws IOException {
        JsonNode schemas = client.get("//v3/api-docs").json().at("/components/schemas");
        assertThat(schemas.at("/Health/properties/drift/anyOf/1/type").asString())
                .isEqualTo("null");
        assertThat(schemas.at("/GradientCheck/properties/worst/anyOf/1/type").asString())
                .isEqualTo("null");
        for (String array : List.of("weights", "batch_mean", "batch_var")) {
            assertThat(schemas.at("/BackwardRequest/properties/" + array + "/type").toString())
                    .contains("null");
        }
        assertThat(schemas.at("/Difference/properties/index/items/type").asString())
                .isEqualTo("integer");
        assertThat(schemas.at("/Problem/properties/offset/type").asString()).isEqualTo("integer");
    }

    /// Tests that the service enforces the limits of a creation: the limit is accepted, the next
    /// value is rejected, and the problem names the field.
    @Test
    void publishesTheLimitsThatTheServiceEnforces() throws IOException {
        JsonNode schema =
                client.get("//v3/api-docs").json().at("/components/schemas/CreateLayerRequest");
        int limits = 0;
        for (Map.Entry<String, JsonNode> field : schema.get("properties").properties()) {
            String name = field.getKey();
            JsonNode limit = field.getValue();
            if (limit.path("type").toString().contains("array") || name.equals("version")) {
                continue; // the version is that of an exported layer, and is ignored
            }
            if (limit.has("minimum")) {
                refuses(name, limit.get("minimum").asLong(), -1);
                limits++;
            }
            if (limit.has("maximum")) {
                refuses(name, limit.get("maximum").asLong(), 1);
                limits++;
            }
        }
        assertThat(limits).isGreaterThanOrEqualTo(10);
    }

    private void refuses(String field, long limit, int direction) throws IOException {
        create(field, limit).expect(201);
        Answer refused = create(field, limit + direction);
        assertThat(refused.status()).as("%s: %s", field, refused.body()).isBetween(400, 422);
        assertThat(refused.field("field").asString()).isEqualTo(field);
    }

    private Answer create(String field, long value) throws IOException {
        String partner =
                switch (field) {
                    case "r_max" -> ", \"d_max\": 0";
                    case "d_max" -> ", \"r_max\": 1";
                    default -> "";
                };
        client.delete("/layers/limits");
        return client.post(
                "/layers", "{\"name\": \"limits\", \"%s\": %d%s}".formatted(field, value, partner));
    }

    @Test
    void publishesTheLengthOfALabelAndThePatternOfAName() throws IOException {
        JsonNode schemas = client.get("//v3/api-docs").json().at("/components/schemas");
        int longest = schemas.at("/TakeSnapshotRequest/properties/label/maxLength").asInt();
        String layer = client.layer("");
        client.post(layer + "/snapshots", "{\"label\": \"" + "é".repeat(longest) + "\"}")
                .expect(201);
        client.post(layer + "/snapshots", "{\"label\": \"" + "é".repeat(longest + 1) + "\"}")
                .expect(400);
        String pattern = schemas.at("/CreateLayerRequest/properties/name/pattern").asString();
        assertThat("a.b-c_1").matches(pattern);
        assertThat(List.of("", "-a", "a b", "a".repeat(129)))
                .noneMatch(name -> name.matches(pattern));
    }
}
