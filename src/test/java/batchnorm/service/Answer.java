package batchnorm.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpHeaders;
import java.util.stream.DoubleStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What the service answered.
public record Answer(int status, HttpHeaders headers, String body) {
    public static final JsonMapper JSON = new JsonMapper();

    /// This answer, having the status that the test is about.
    public Answer expect(int wanted) {
        assertThat(status).as(body).isEqualTo(wanted);
        return this;
    }

    /// The first value of a header, or "" without one.
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

    /// The numbers of a field, whichever form they have, but base64, flat.
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

    /// The end of a problem's `type`.
    public String slug() {
        String type = json().path("type").asString("");
        return type.substring(type.lastIndexOf('/') + 1);
    }

    public String detail() {
        return json().path("detail").asString("");
    }

    /// This answer, being the problem that the test is about.
    public Answer expectProblem(int wanted, String slug) {
        expect(wanted);
        assertThat(header("Content-Type")).startsWith("application/problem+json");
        assertThat(slug()).as(body).isEqualTo(slug);
        return this;
    }
}
