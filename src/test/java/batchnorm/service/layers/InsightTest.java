package batchnorm.service.layers;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Tests explanations and gradient checks over HTTP.
@ExtendWith(ServiceUnderTest.Shared.class)
class InsightTest {
    private static final String DY = "[[0.1,0.2],[0.3,0.4],[0.5,0.6]]";

    private final Client client;

    InsightTest(Client client) {
        this.client = client;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[[1,2],[3,4],[5,6.5]]",
                "{\"shape\": [3,2], \"datatype\": \"FP32\", \"data\": [1,2,3,4,5,6.5]}"
            })
    void anExplanationEndsInWhatThePassesAnswer(String x) throws IOException {
        String layer = client.layer("\"gamma\": [2, 0.3], \"beta\": [-1, 7]");
        client.train(layer, "[[0,0],[1,3]]");
        String dy = x.startsWith("[") ? DY : x;
        Answer before = client.get(layer);
        Answer explanation =
                client.post(
                                layer + "/explain",
                                "{\"input\": %s, \"grad_output\": %s}".formatted(x, dy))
                        .expect(200);
        assertThat(client.get(layer).body()).as("changes nothing").isEqualTo(before.body());

        Answer step = client.train(layer, x);
        Answer backward = client.backward(layer, step, dy);
        assertThat(value(explanation, "output")).isEqualTo(step.field("output"));
        assertThat(value(explanation, "running_mean")).isEqualTo(step.field("running_mean"));
        assertThat(value(explanation, "running_var")).isEqualTo(step.field("running_var"));
        assertThat(value(explanation, "dx")).isEqualTo(backward.field("grad_input"));
        assertThat(value(explanation, "dgamma")).isEqualTo(backward.field("grad_gamma"));
        assertThat(value(explanation, "dbeta")).isEqualTo(backward.field("grad_beta"));
    }

    @Test
    void anExplanationOfInferenceEndsInWhatInferenceAnswers() throws IOException {
        String layer = client.layer("\"running_mean\": [1, 2], \"running_var\": [4, 9]");
        Answer explanation =
                client.post(
                                layer + "/explain",
                                "{\"input\": %s, \"mode\": \"infer\"}".formatted(DY))
                        .expect(200);
        assertThat(value(explanation, "output")).isEqualTo(client.infer(layer, DY).field("output"));
        assertThat(value(explanation, "mean").toString()).isEqualTo("[1.0,2.0]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"train", "infer"})
    void aLayerInTheRequestIsExplainedAsOneThatIsStored(String mode) throws IOException {
        String definition =
                """
                "convention": "keras", "epsilon": 0.5, "gamma": [2, 0.3], "beta": [-1, 7],
                "running_mean": [1, 2], "running_var": [4, 9], "num_batches_tracked": 3
                """;
        String batch =
                "\"input\": %s, \"grad_output\": %s, \"mode\": \"%s\"".formatted(DY, DY, mode);
        String layer = client.layer(definition);
        String both = "{" + batch + ", " + definition + "}";
        for (String operation : List.of("/explain", "/gradient-check")) {
            Answer stored = client.post(layer + operation, "{" + batch + "}").expect(200);
            Answer stateless = client.post(operation, both).expect(200);
            assertThat(stateless.body()).as(operation).isEqualTo(stored.body());
        }
    }

    @Test
    void explainingWithoutALayerStoresNone() throws IOException {
        String before = client.get("/layers?limit=1000").expect(200).body();
        client.post("/explain", "{\"input\": %s}".formatted(DY)).expect(200);
        client.post("/gradient-check", "{\"input\": %s}".formatted(DY)).expect(200);
        assertThat(client.get("/layers?limit=1000").expect(200).body()).isEqualTo(before);
    }

    @Test
    void aLayerThatNoBatchHasReachedStaysUndecided() throws IOException {
        String layer = client.layer("");
        client.post(layer + "/explain", "{\"input\": %s}".formatted(DY)).expect(200);
        client.post(layer + "/gradient-check", "{\"input\": %s}".formatted(DY)).expect(200);
        assertThat(client.get(layer).field("features").isNull()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"FP64", "FP32"})
    void gradientsAreCheckedInFp64WhateverTheDatatype(String datatype) throws IOException {
        String layer = client.layer("\"gamma\": [2, 0.3]");
        String x =
                "{\"shape\": [4,2], \"datatype\": \"%s\", \"data\": [1,2,3,4,5,6.5,-1,0.25]}"
                        .formatted(datatype);
        Answer check =
                client.post(layer + "/gradient-check", "{\"input\": %s}".formatted(x)).expect(200);
        assertThat(check.field("max_relative_error").doubleValue()).isBetween(1e-14, 1e-7);
        JsonNode worst = check.field("worst");
        assertThat(worst.propertyNames())
                .containsExactlyInAnyOrder("tensor", "index", "analytic", "numeric");
        assertThat(check.field("tensors").get(0).get("checked").intValue()).isEqualTo(8);
    }

    @Test
    void anEmptyBatchHasNoWorstGradient() throws IOException {
        String layer = client.layer("\"features\": 2");
        Answer check =
                client.post(
                                layer + "/gradient-check",
                                "{\"input\": {\"shape\": [0,2], \"data\": []}}")
                        .expect(200);
        assertThat(check.field("worst").isNull()).isTrue();
        assertThat(check.field("max_relative_error").doubleValue()).isZero();
    }

    private static JsonNode value(Answer explanation, String name) {
        return explanation
                .field("steps")
                .valueStream()
                .filter(step -> step.get("name").stringValue().equals(name))
                .findFirst()
                .orElseThrow()
                .get("value");
    }
}
