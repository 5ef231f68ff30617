package batchnorm.service.passes;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Tests the conformance vectors, computed with 50 digits, over HTTP in both datatypes.
///
/// An error is `|got - expected|` divided by the largest `|expected|` of that vector. For
/// `grad_input` the divisor is the size of the terms that cancel in it. FP64 tolerances grow with
/// the condition `|mean|/std` beyond 1e4; FP32 ones do not.
@ExtendWith(ServiceUnderTest.Shared.class)
class ConformanceTest {
    private static final Map<String, Tolerance> TOLERANCES =
            Map.of(
                    "FP64",
                    new Tolerance(1e-12, 1e-11, 1e-12),
                    "FP32",
                    new Tolerance(4e-7, 2e-6, 1e-6));

    private final Client client;

    ConformanceTest(Client client) {
        this.client = client;
    }

    private record Tolerance(double forward, double backward, double state) {
        Tolerance times(double slack) {
            return new Tolerance(forward * slack, backward * slack, state * slack);
        }
    }

    static Stream<Arguments> cases() throws IOException {
        try (InputStream vectors =
                ConformanceTest.class.getResourceAsStream("/conformance/vectors.json")) {
            List<JsonNode> cases =
                    Answer.JSON.readTree(vectors).required("cases").valueStream().toList();
            assertThat(cases).hasSize(25);
            return cases.stream()
                    .flatMap(one ->
                            Stream.of("FP64", "FP32")
                                    .map(type ->
                                            Arguments.of(one.get("id").stringValue(), type, one)));
        }
    }

    @ParameterizedTest(name = "{0} in {1}")
    @MethodSource("cases")
    void agreesWithFiftyDigitArithmetic(String id, String datatype, JsonNode vector)
            throws IOException {
        double slack =
                datatype.equals("FP64")
                        ? Math.max(1, vector.get("condition").doubleValue() / 1e4)
                        : 1;
        Tolerance tolerance = TOLERANCES.get(datatype).times(slack);
        String layer =
                create("cv-" + id + "-" + datatype.toLowerCase(java.util.Locale.ROOT), vector);
        List<Answer> forwards = new ArrayList<>();
        for (JsonNode step : vector.get("steps")) {
            if (step.get("op").stringValue().equals("backward")) {
                Answer forward = forwards.get(step.get("of").intValue());
                checkBackward(layer, forward, step, datatype, tolerance.backward());
                continue;
            }
            Answer forward = forward(layer, step, datatype);
            forwards.add(forward);
            checkForward(forward, step, tolerance);
        }
        assertThat(forwards).isNotEmpty();
    }

    private String create(String name, JsonNode vector) throws IOException {
        ObjectNode layer = vector.get("layer").asObject().deepCopy();
        layer.put("name", name);
        client.post("/layers", layer.toString()).expect(201);
        return "/layers/" + name;
    }

    private Answer forward(String layer, JsonNode step, String datatype) throws IOException {
        ObjectNode request = Answer.JSON.createObjectNode();
        request.set("input", tensor(step, "input", datatype));
        request.put("save_context", true);
        return client.post(layer + "/" + step.get("op").stringValue(), request.toString())
                .expect(200);
    }

    private static void checkForward(Answer got, JsonNode step, Tolerance tolerance) {
        JsonNode vectors = step.get("expect");
        check("output", got, vectors, 0, tolerance.forward());
        if (step.get("op").stringValue().equals("forward-train")) {
            for (String key : List.of("batch_mean", "batch_var", "running_mean", "running_var")) {
                if (vectors.has(key)) {
                    check(key, got, vectors, 0, tolerance.state());
                }
            }
        }
    }

    private void checkBackward(
            String layer, Answer forward, JsonNode step, String datatype, double tolerance)
            throws IOException {
        JsonNode vectors = step.get("expect");
        Answer got =
                client.backward(layer, forward, tensor(step, "grad_output", datatype).toString());
        if (datatype.equals("FP64") && step.has("tolerance_fp64_abs")) {
            double worst =
                    worst(got.numbers("grad_input"), Answer.numbers(vectors.get("grad_input")));
            assertThat(worst).isLessThanOrEqualTo(step.get("tolerance_fp64_abs").doubleValue());
        } else {
            double scale = vectors.get("grad_input_scale").get(0).doubleValue();
            check("grad_input", got, vectors, scale, tolerance);
        }
        check("grad_gamma", got, vectors, 0, tolerance);
        check("grad_beta", got, vectors, 0, tolerance);
    }

    private static ObjectNode tensor(JsonNode step, String key, String datatype) {
        ObjectNode tensor = Answer.JSON.createObjectNode();
        tensor.set("shape", step.get("shape"));
        tensor.put("datatype", datatype);
        tensor.set("data", step.get(key));
        return tensor;
    }

    private static void check(
            String key, Answer got, JsonNode vectors, double atLeast, double tolerance) {
        double[] expected = Answer.numbers(vectors.get(key));
        double scale = Arrays.stream(expected).map(Math::abs).reduce(atLeast, Math::max);
        double worst = worst(got.numbers(key), expected);
        assertThat(scale > 0 ? worst / scale : worst)
                .as("relative error of " + key)
                .isLessThanOrEqualTo(tolerance);
    }

    private static double worst(double[] got, double[] expected) {
        assertThat(got).hasSameSizeAs(expected);
        double worst = 0;
        for (int i = 0; i < got.length; i++) {
            worst =
                    Double.isFinite(got[i])
                            ? Math.max(worst, Math.abs(got[i] - expected[i]))
                            : Double.POSITIVE_INFINITY;
        }
        return worst;
    }
}
