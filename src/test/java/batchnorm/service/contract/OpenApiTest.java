package batchnorm.service.contract;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Tests that the contract for client generators is committed and complete, and that its examples
/// work.
@ExtendWith(ServiceUnderTest.Shared.class)
public class OpenApiTest {
    private static final Path CONTRACT = Path.of("docs/openapi.json");
    private static final JsonMapper PRETTY =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /// Values that differ between runs.
    private static final Set<String> VOLATILE =
            Set.of(
                    "created_at",
                    "updated_at",
                    "taken_at",
                    "context_id",
                    "group_id",
                    "accumulation_id",
                    "incarnation");

    /// Every operation in order, like "Try it out" and "Execute" from top to bottom, with deletions
    /// last.
    private static final List<String> SESSION =
            List.of(
                    "createLayer",
                    "listLayers",
                    "getLayer",
                    "forwardTrain",
                    "forwardInfer",
                    "backward",
                    "health",
                    "explain",
                    "gradientCheck",
                    "explainBatch",
                    "checkGradients",
                    "diagnose",
                    "getAffine",
                    "foldLayer",
                    "foldModel",
                    "verifyFold",
                    "exportLayer",
                    "exportLayers",
                    "inspectCheckpoint",
                    "importLayers",
                    "patchLayer",
                    "resetLayer",
                    "listConventions",
                    "getVectors",
                    "applyGradients",
                    "convert",
                    "takeSnapshot",
                    "listSnapshots",
                    "getSnapshot",
                    "compareSnapshots",
                    "openSyncGroup",
                    "syncForwardTrain",
                    "syncBackward",
                    "openAccumulation",
                    "addToAccumulation",
                    "finishAccumulation",
                    "abandonAccumulation",
                    "mergeStatistics",
                    "installStatistics",
                    "aggregateLayers",
                    "restoreSnapshot",
                    "deleteSnapshot",
                    "deleteLayer");

    /// An entry of a key, whose text no test needs.
    private static final String KEY = "reader:infer:" + "0123456789abcdef".repeat(4);

    /// The ids opened in the session, by parameter name.
    private final Map<String, String> opened = new HashMap<>();

    private final Client client;

    public OpenApiTest(Client client) {
        this.client = client;
    }

    /// The committed contract has the security requirements, for generated clients.
    @Test
    void isTheCommittedContract() throws IOException {
        JsonNode served;
        try (ServiceUnderTest service = new ServiceUnderTest("BATCHNORM_API_KEYS=" + KEY)) {
            served = contract(service.client());
        }
        if (Boolean.getBoolean("openapi.write")) {
            Files.writeString(CONTRACT, PRETTY.writeValueAsString(served) + "\n");
        }
        assertThat(served)
                .as("./mvnw test -Dtest=OpenApiTest -Dopenapi.write=true rewrites it")
                .isEqualTo(PRETTY.readTree(Files.readString(CONTRACT)));
    }

    /// Swagger UI shows a padlock for every requirement.
    @Test
    void requiresCredentialsOnlyWhereTheServiceDoes() throws IOException {
        for (String path : List.of("//v3/api-docs", "//openapi/open-inference.json")) {
            JsonNode open = client.get(path).expect(200).json();
            assertThat(open.findValues("security")).as(path).isEmpty();
            assertThat(open.findValues("securitySchemes")).as(path).isEmpty();
        }
        JsonNode committed = PRETTY.readTree(Files.readString(CONTRACT));
        for (JsonNode operation : operations(committed)) {
            assertThat(operation.path("security").size()).as(operation.toString()).isEqualTo(1);
            assertThat(operation.at("/security/0/bearer/0").asString())
                    .isIn("infer", "train", "admin");
        }
        assertThat(committed.at("/components/securitySchemes/bearer/scheme").asString())
                .isEqualTo("bearer");
    }

    @Test
    void differsByCredentialsInNothingElse() throws IOException {
        ObjectNode committed = (ObjectNode) PRETTY.readTree(Files.readString(CONTRACT));
        operations(committed).forEach(operation -> ((ObjectNode) operation).remove("security"));
        ((ObjectNode) committed.get("components")).remove("securitySchemes");
        assertThat(contract()).isEqualTo(committed);
    }

    @Test
    void groupsItsOperationsByTask() throws IOException {
        assertThat(contract().get("tags").valueStream().map(tag -> tag.get("name").asString()))
                .containsExactly(
                        "Layers",
                        "Forward and backward",
                        "Diagnostics",
                        "Distributed batches",
                        "Checkpoints",
                        "Fold into weights",
                        "Snapshots",
                        "Conventions");
        assertThat(
                        operations().stream()
                                .map(operation -> operation.at("/tags/0").asString())
                                .distinct())
                .as("the tags of the operations, in the same order")
                .containsExactlyElementsOf(
                        contract()
                                .get("tags")
                                .valueStream()
                                .map(tag -> tag.get("name").asString())
                                .toList());
    }

    /// The introduction leads through a first session, and the operations of a tag begin with it.
    @Test
    void introducesAFirstSessionInFiveLines() throws IOException {
        String introduction = contract().at("/info/description").asString();
        assertThat(introduction.lines().filter(line -> !line.isBlank()))
                .hasSize(5)
                .first()
                .asString()
                .contains("POST /api/v1/layers`");
        assertThat(introduction)
                .containsSubsequence("Create", "/forward-train`", "/backward`", "/forward-infer`")
                .contains("](/)");
        assertThat(
                        operations().stream()
                                .filter(operation ->
                                        operation
                                                .at("/tags/0")
                                                .asString()
                                                .equals("Forward and backward"))
                                .map(operation -> operation.get("operationId").asString()))
                .startsWith("forwardTrain", "backward", "forwardInfer");
    }

    @Test
    void namesTheRequiredFieldsOfEveryBody() throws IOException {
        JsonNode schemas = contract().at("/components/schemas");
        int required = 0;
        for (JsonNode operation : operations()) {
            JsonNode body = operation.at("/requestBody/content/application~1json/schema/$ref");
            if (body.isMissingNode()) {
                continue;
            }
            String schema = body.asString().replaceAll(".*/", "");
            for (JsonNode field : schemas.at("/" + schema + "/required")) {
                required++;
                assertThat(operation.at("/requestBody/description").asString())
                        .as(schema)
                        .contains('`' + field.asString() + '`');
            }
        }
        assertThat(required).isGreaterThan(10);
    }

    @Test
    void describesTheFormsOfATensor() throws IOException {
        JsonNode schemas = contract().at("/components/schemas");
        assertThat(schemas.at("/ForwardTrainRequest/properties/input/$ref").asString())
                .endsWith("/Tensor");
        assertThat(schemas.at("/Tensor/items/type").valueStream().map(JsonNode::asString))
                .containsExactlyInAnyOrder("array", "number", "string");
        assertThat(schemas.at("/Tensor/then/$ref").asString()).endsWith("/TensorObject");
        assertThat(schemas.at("/TensorObject/required/0").asString()).isEqualTo("shape");
        assertThat(schemas.at("/TensorObject/properties").propertyNames())
                .containsExactlyInAnyOrder("shape", "datatype", "data", "base64");
    }

    /// The sample file that the text of the import offers.
    @Test
    void offersACheckpointToImport() throws IOException {
        String text =
                operations().stream()
                        .filter(operation ->
                                operation.get("operationId").asString().equals("importLayers"))
                        .map(operation -> operation.get("description").asString())
                        .findFirst()
                        .orElseThrow();
        Matcher link = Pattern.compile("\\]\\((/[^)]*)\\)").matcher(text);
        assertThat(link.find()).as(text).isTrue();
        byte[] file;
        try (InputStream sample = client.root().resolve(link.group(1)).toURL().openStream()) {
            file = sample.readAllBytes();
        }
        assertThat(file.length).isLessThan(10_000);
        Answer imported =
                client.send("POST", "/layers/import?name=sampled&replace=true", file).expect(200);
        assertThat(imported.field("layers").size()).isEqualTo(2);
        assertThat(imported.field("framework").asString()).isEqualTo("pytorch");
    }

    @Test
    void hasASummaryAProblemAndAnAnswerForEveryOperation() throws IOException {
        for (JsonNode operation : operations()) {
            String id = operation.path("operationId").asString();
            assertThat(operation.path("summary").asString()).as(id).isNotBlank();
            assertThat(operation.path("description").asString()).as(id).isNotBlank();
            assertThat(operation.path("responses").propertyNames())
                    .as(id)
                    .anyMatch(status -> status.startsWith("2"))
                    .anyMatch(status -> status.startsWith("4"));
        }
    }

    @Test
    void saysWhatEveryFieldMeans() throws IOException {
        for (Map.Entry<String, JsonNode> schema :
                contract().at("/components/schemas").properties()) {
            for (Map.Entry<String, JsonNode> field :
                    schema.getValue().path("properties").properties()) {
                if (schema.getKey().equals("Tensor") || field.getValue().has("$ref")) {
                    continue;
                }
                assertThat(field.getValue().path("description").asString(""))
                        .as("%s.%s", schema.getKey(), field.getKey())
                        .isNotBlank();
            }
        }
    }

    @Test
    void hasExamplesThatWorkOnTheFirstClick() throws IOException {
        assertThat(operations())
                .extracting(operation -> operation.path("operationId").asString())
                .containsExactlyInAnyOrderElementsOf(SESSION);
        tryOutEveryOperation();
    }

    public void tryOutEveryOperation() throws IOException {
        client.delete("/layers/demo");
        client.delete("/layers/imported");
        for (String id : SESSION) {
            tryOut(id);
        }
    }

    private void tryOut(String id) throws IOException {
        JsonNode contract = contract();
        for (Map.Entry<String, JsonNode> path : contract.get("paths").properties()) {
            for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
                JsonNode operation = method.getValue();
                if (!operation.path("operationId").asString().equals(id)) {
                    continue;
                }
                Answer answer = execute(path.getKey(), method.getKey(), operation);
                remember(answer);
                JsonNode success = success(operation, answer);
                JsonNode example = success.at("/content/application~1json/example");
                if (!example.isMissingNode()) {
                    check(id, stable(answer.json()), stable(example));
                }
            }
        }
    }

    private Answer execute(String path, String method, JsonNode operation) throws IOException {
        JsonNode body = operation.at("/requestBody/content/application~1json/example");
        String url = url(path, operation);
        for (Map.Entry<String, String> id : opened.entrySet()) {
            url = url.replace("{" + id.getKey() + "}", id.getValue());
        }
        if (!operation.at("/requestBody/content/application~1vnd.safetensors").isMissingNode()
                && body.isMissingNode()) {
            // A file has no example; the user selects one.
            boolean creates = operation.get("operationId").asString().equals("importLayers");
            String options = creates ? "&prefix=1.&name=imported" : "";
            return client.send("POST", url + options, checkpoint());
        }
        return body.isMissingNode()
                ? client.send(method.toUpperCase(Locale.ROOT), url, null)
                : client.send(
                        method.toUpperCase(Locale.ROOT),
                        url,
                        PRETTY.writeValueAsBytes(body),
                        "Content-Type",
                        "application/json");
    }

    private void remember(Answer answer) {
        for (String id : List.of("group_id", "accumulation_id")) {
            if (answer.body().contains('"' + id + '"')) {
                opened.put(id, answer.field(id).asString());
            }
        }
    }

    private static byte[] checkpoint() throws IOException {
        try (InputStream file =
                OpenApiTest.class.getResourceAsStream("/checkpoints/pytorch.safetensors")) {
            return file.readAllBytes();
        }
    }

    /// Returns the path with the examples of its parameters.
    private static String url(String path, JsonNode operation) {
        String url = path.replace("/api/v1", "");
        for (JsonNode parameter : operation.path("parameters")) {
            String name = parameter.path("name").asString();
            String example = parameter.path("example").asString("");
            if (parameter.path("in").asString().equals("path") && !example.isEmpty()) {
                url = url.replace("{" + name + "}", example);
            } else if (parameter.path("in").asString().equals("query") && !example.isEmpty()) {
                url += (url.contains("?") ? "&" : "?") + name + "=" + example;
            }
        }
        return url;
    }

    private static JsonNode success(JsonNode operation, Answer answer) {
        JsonNode success = operation.path("responses").path(Integer.toString(answer.status()));
        assertThat(answer.status()).as(answer.body()).isBetween(200, 299);
        assertThat(success.isMissingNode()).as("documented: %s", answer.status()).isFalse();
        return success;
    }

    private static void check(String id, JsonNode answer, JsonNode example) {
        switch (id) {
            // Other tests' layers, and more conventions than an example needs.
            case "listLayers" ->
                    assertThat(names(answer, "layers")).containsAll(names(example, "layers"));
            case "listConventions" ->
                    assertThat(answer.get("conventions").values())
                            .containsAll(example.get("conventions").values());
            default -> assertThat(answer).as(id).isEqualTo(example);
        }
    }

    private static Set<String> names(JsonNode page, String list) {
        return page.get(list)
                .valueStream()
                .map(item -> item.get("name").asString())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static JsonNode stable(JsonNode node) {
        if (node instanceof ObjectNode object) {
            VOLATILE.forEach(object::remove);
        }
        node.forEach(OpenApiTest::stable);
        return node;
    }

    private JsonNode contract() throws IOException {
        return contract(client);
    }

    private static JsonNode contract(Client client) throws IOException {
        return client.get("//v3/api-docs").expect(200).json();
    }

    private List<JsonNode> operations() throws IOException {
        return operations(contract());
    }

    private static List<JsonNode> operations(JsonNode contract) {
        return contract.get("paths")
                .valueStream()
                .flatMap(path -> Stream.of(path).flatMap(JsonNode::valueStream))
                .toList();
    }
}
