package batchnorm.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The committed contracts, `/api/v1` and `/v2`, as JSON Schema 2020-12. Every response received
/// through [Client] or [Wire] is validated against the schema of its operation and status.
///
/// Beyond the schemas, a number may be one of the three strings for non-finite values. The contract
/// states this in prose, because client generators cannot express the choice. The elements of
/// tensors are not validated, so a large body costs only its parsing.
public final class Contract {
    private static final Set<String> NON_FINITE = Set.of("NaN", "Infinity", "-Infinity");
    private static final String PROBLEM = "application/problem+json";
    private static final Pattern PARAMETER = Pattern.compile("\\{[^}]*}");

    private static final Contract API = of("docs/openapi.json");
    private static final Contract OPEN_INFERENCE =
            of("src/main/resources/static/openapi/open-inference.json");

    private final JsonNode document;
    private final List<Operation> operations = new ArrayList<>();
    private final Map<String, Schema> schemas = new ConcurrentHashMap<>();

    private record Operation(String method, Pattern path, String template, JsonNode responses) {}

    private Contract(JsonNode document) {
        this.document = document;
        document.at("/components/schemas").forEach(Contract::close);
        document.at("/components/schemas").forEach(Contract::skipElements);
        document.findParents("type").forEach(schema -> splitNull((ObjectNode) schema));
        document.get("paths")
                .properties()
                .forEach(path ->
                        path.getValue()
                                .properties()
                                .forEach(method ->
                                        operations.add(
                                                operation(
                                                        method.getKey(),
                                                        path.getKey(),
                                                        method.getValue()))));
        // A literal segment takes precedence over a parameter.
        operations.sort(Comparator.comparing(one -> one.template().replace('{', '\uffff')));
    }

    /// Closes the schemas: a response has no undocumented field unless its schema allows it.
    private static void close(JsonNode schema) {
        if (schema.has("properties") && !schema.has("additionalProperties")) {
            ((ObjectNode) schema).put("additionalProperties", false);
        }
    }

    private static void skipElements(JsonNode schema) {
        if (schema.has("then")) {
            ((ObjectNode) schema).remove("items");
        }
    }

    /// Rewrites a bounded nullable number as a choice of two schemas. Version 3.0 of the validator
    /// fails on a limit beside several types.
    private static void splitNull(ObjectNode schema) {
        if (schema.get("type").isArray() && (schema.has("minimum") || schema.has("maximum"))) {
            ObjectNode number = schema.deepCopy().put("type", schema.at("/type/0").stringValue());
            schema.removeAll();
            schema.putArray("anyOf").add(number).addObject().put("type", "null");
        }
    }

    private static Operation operation(String method, String template, JsonNode operation) {
        Pattern path = Pattern.compile(PARAMETER.matcher(template).replaceAll("[^/]+") + "/?");
        return new Operation(method, path, template, operation.get("responses"));
    }

    public static Contract of(String file) {
        try {
            return new Contract(Answer.JSON.readTree(Files.readString(Path.of(file))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Validates a response's JSON. A response without JSON, or for a path of neither contract,
    /// passes.
    ///
    /// @param target of the request line, with its query
    /// @param contentType of the response; empty without one
    /// @throws AssertionError for JSON that its schema rejects, and for a success status absent
    ///   from the contract
    public static void check(
            String method, String target, int status, String contentType, byte[] body) {
        boolean json = contentType.startsWith("application/json");
        if (body.length == 0 || (!json && !contentType.startsWith(PROBLEM))) {
            return;
        }
        String path = target.split("\\?", 2)[0];
        if (!json) {
            API.checkAgainst("/components/schemas/Problem", path, body);
        } else if (path.startsWith("/api/v1/")) {
            API.check(method, path, status, body);
        } else if (path.equals("/v2") || path.startsWith("/v2/")) {
            OPEN_INFERENCE.check(method, path, status, body);
        }
    }

    /// Validates a response of a client other than [Client].
    public static HttpResponse<byte[]> checked(HttpResponse<byte[]> response) {
        check(
                response.request().method(),
                response.uri().getRawPath(),
                response.statusCode(),
                response.headers().firstValue("Content-Type").orElse(""),
                response.body());
        return response;
    }

    private void check(String method, String path, int status, byte[] body) {
        Optional<Operation> operation =
                operations.stream()
                        .filter(one -> one.method().equalsIgnoreCase(method))
                        .filter(one -> one.path().matcher(path).matches())
                        .findFirst();
        if (operation.isEmpty()) {
            assertThat(status).as("%s %s is in no contract", method, path).isBetween(400, 599);
            checkAgainst("/components/schemas/Error", path, body);
            return;
        }
        JsonNode responses = operation.get().responses();
        String key = Integer.toString(status);
        JsonNode response = resolved(responses.path(responses.has(key) ? key : "default"));
        JsonNode schema = response.at("/content/application~1json/schema");
        assertThat(schema.isMissingNode())
                .as("%s %s: a schema for %s", method, path, status)
                .isFalse();
        checkAgainst(schema.get("$ref").stringValue().substring(1), method + " " + path, body);
    }

    private JsonNode resolved(JsonNode node) {
        return node.has("$ref") ? document.at(node.get("$ref").stringValue().substring(1)) : node;
    }

    private void checkAgainst(String pointer, String what, byte[] body) {
        JsonNode value = Answer.JSON.readTree(body);
        List<Error> errors =
                schemas.computeIfAbsent(pointer, this::schema).validate(value).stream()
                        .filter(error -> !isNonFinite(error))
                        .toList();
        assertThat(errors).as("%s against %s: %s", what, pointer, value).isEmpty();
    }

    private static boolean isNonFinite(Error error) {
        JsonNode value = error.getInstanceNode();
        return error.getKeyword().equals("type")
                && value.isString()
                && NON_FINITE.contains(value.stringValue())
                && !error.getSchemaNode().toString().contains("\"integer\"");
    }

    private Schema schema(String pointer) {
        ObjectNode schema = Answer.JSON.createObjectNode().put("$ref", "#" + pointer);
        schema.set("components", document.get("components"));
        return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(schema);
    }
}
