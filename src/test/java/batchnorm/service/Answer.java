package batchnorm.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpHeaders;
import java.util.stream.DoubleStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A response of the service.
public record Answer(int status, HttpHeaders headers, String body) {
    public static final JsonMapper JSON = new JsonMapper();

    /// Asserts the status and returns this response.
    public Answer expect(int expected) {
        assertThat(status).as(body).isEqualTo(expected);
        return this;
    }

    /// Returns the first value of a header, or "".
    public String header(String name) {
        return headers.firstValue(name).orElse("");
    }

    public JsonNode json() {
        return JSON.readTree(body);
    }

    public JsonNode field(String name) {
        assertThat(json().has(name)).as("has %s: %s", name, body).isTrue();
        return json().get(name);
    }

    /// Returns the numbers of a field, flattened, from any form except base64.
    public double[] numbers(String field) {
        return numbers(field(field));
    }

    public static double[] numbers(JsonNode node) {
        return flat(node.isObject() ? node.required("data") : node).toArray();
    }

    private static DoubleStream flat(JsonNode node) {
        if (node.isArray()) {
            return node.valueStream().flatMapToDouble(Answer::flat);
        }
        // The strings are "NaN", "Infinity" and "-Infinity".
        return DoubleStream.of(
                node.isString() ? Double.parseDouble(node.stringValue()) : node.doubleValue());
    }

    /// Returns the last segment of a problem's `type`.
    public String slug() {
        String type = json().path("type").asString("");
        return type.substring(type.lastIndexOf('/') + 1);
    }

    public String detail() {
        return json().path("detail").asString("");
    }

    /// Asserts the problem and returns this response.
    public Answer expectProblem(int expected, String slug) {
        expect(expected);
        assertThat(header("Content-Type")).startsWith("application/problem+json");
        assertThat(slug()).as(body).isEqualTo(slug);
        return this;
    }
}
