package batchnorm.service.contract;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// Mutates every example of the contract two thousand times, or `-Dfuzz.requests` times. No
/// response is a server failure, every error is a problem, and every status is in the contract.
@Tag("fuzz")
class ContractFuzzTest {
    private static final int REQUESTS = Integer.getInteger("fuzz.requests", 2_000);
    private static ServiceUnderTest service;
    private static Client client;

    @BeforeAll
    static void start() throws IOException {
        service = new ServiceUnderTest("BATCHNORM_MAX_ELEMENTS=65536");
        client = service.client();
    }

    @AfterAll
    static void stop() throws IOException {
        service.close();
    }

    /// An operation of the contract.
    ///
    /// @param query with the examples of its parameters, appended to the path
    private record Documented(
            String method, String path, String query, JsonNode example, Set<String> statuses) {}

    @Test
    void everyMutatedExampleConformsToTheContract() throws IOException {
        List<Documented> operations = operations();
        assertThat(operations).hasSizeGreaterThanOrEqualTo(10);
        Mutator mutator = new Mutator(1);
        Map<Integer, Integer> statuses = new TreeMap<>();
        for (int i = 0; i < REQUESTS; i++) {
            if (i == 0 || mutator.chance(10)) { // deleted once per round of operations
                client.post("/layers", "{\"name\": \"demo\", \"features\": 2}");
                open("group_id", "sync-groups", "{\"size\": 1}");
                open("accumulation_id", "accumulations", null);
            }
            Answer answer = send(operations.get(i % operations.size()), mutator, i);
            statuses.merge(answer.status(), 1, Integer::sum);
        }
        assertThat(statuses.keySet())
                .as("enough of them get far: %s", statuses)
                .contains(200, 400, 404, 422)
                .containsAnyOf(201, 409);
    }

    /// The open ids, by parameter name.
    private static final Map<String, String> OPENED = new TreeMap<>();

    /// Opens another id, or keeps the previous one at the limit of open ids, which long runs reach.
    private static void open(String id, String path, String body) throws IOException {
        Answer answer =
                body == null
                        ? client.send("POST", "/layers/demo/" + path, null)
                        : client.post("/layers/demo/" + path, body);
        if (answer.status() != 429) {
            OPENED.put("{" + id + "}", answer.expect(201).field(id).asString());
        }
    }

    private static Answer send(Documented operation, Mutator mutator, int number)
            throws IOException {
        boolean reads = !operation.example().isMissingNode();
        String name = mutator.chance(8) ? "nobody" : "demo";
        String path = operation.path().replace("{name}", name).replace("{id}", "1");
        for (Map.Entry<String, String> id : OPENED.entrySet()) {
            path = path.replace(id.getKey(), mutator.chance(8) ? "nobody" : id.getValue());
        }
        path += mutator.query(operation.query());
        byte[] body = reads ? mutator.body(operation.example()) : null;
        Answer answer =
                client.send(
                        operation.method(),
                        "/" + path,
                        body,
                        mutator.headers(reads ? Set.of("Content-Type") : Set.of()));
        String what = number + ": " + operation.method() + " " + path + " -> " + answer;
        assertThat(answer.status()).as(what).isLessThan(500);
        assertThat(operation.statuses()).as(what).contains(Integer.toString(answer.status()));
        if (answer.status() >= 400) {
            assertThat(answer.header("Content-Type"))
                    .as(what)
                    .isEqualTo("application/problem+json");
            assertThat(answer.json().get("status").intValue()).as(what).isEqualTo(answer.status());
        }
        return answer;
    }

    private static List<Documented> operations() throws IOException {
        List<Documented> operations = new ArrayList<>();
        for (Map.Entry<String, JsonNode> path :
                client.get("//v3/api-docs").expect(200).json().get("paths").properties()) {
            for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
                operations.add(
                        new Documented(
                                method.getKey().toUpperCase(Locale.ROOT),
                                path.getKey(),
                                query(method.getValue()),
                                method.getValue()
                                        .at("/requestBody/content/application~1json/example"),
                                method.getValue().get("responses").propertyNames().stream()
                                        .collect(Collectors.toSet())));
            }
        }
        return operations;
    }

    private static String query(JsonNode operation) {
        return operation
                .path("parameters")
                .valueStream()
                .filter(parameter -> parameter.path("in").asString().equals("query"))
                .filter(parameter -> parameter.has("example"))
                .map(parameter ->
                        parameter.get("name").asString()
                                + "="
                                + parameter.get("example").asString())
                .collect(Collectors.joining("&"));
    }
}
