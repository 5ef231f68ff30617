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
import tools.jackson.databind.node.ObjectNode;

/// Tests that a layer's `GET` response, sent unchanged to `POST`, creates an equal layer.
@ExtendWith(ServiceUnderTest.Shared.class)
class ExportTest {
    private static final String X = "[[1,2],[3,4.5],[5,7]]";
    private static final List<String> ITS_OWN = List.of("version", "created_at", "updated_at");

    private final Client client;

    ExportTest(Client client) {
        this.client = client;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\"features\": 2",
                "\"convention\": \"keras\"",
                "\"convention\": \"tensorflow-1\"",
                "\"convention\": \"deep-learning-from-scratch\"",
                "\"convention\": \"pure-python\"",
                "\"convention\": \"keras-2-fused\", \"epsilon\": 1e-7",
                "\"convention\": \"caffe\", \"momentum\": 0.5",
                "\"convention\": \"haiku\", \"zero_debias\": false, \"epsilon_floor\": 0.01",
                "\"convention\": \"cudnn\"",
                "\"momentum\": null",
                "\"scale\": false",
                "\"shift\": false, \"track_running_stats\": false",
                "\"convention\": \"mxnet\", \"epsilon\": 4.9e-324, \"momentum_meaning\": \"new_weight\"",
                "\"non_finite\": \"propagate\", \"running_mean\": [\"NaN\", 0], \"running_var\": [1, \"Infinity\"]",
                "\"gamma\": [0.1, -0.0], \"beta\": [1e300, 4.9e-324], \"num_batches_tracked\": 41",
            })
    void anExportIsAnImport(String fields) throws IOException {
        String layer = client.layer(fields);
        assertReturns(layer);
        client.train(layer, X);
        client.train(layer, "[[0,1],[2,3],[1,9]]");
        assertReturns(layer);
    }

    /// Deletes and recreates a layer, and compares all but its identity.
    private void assertReturns(String layer) throws IOException {
        Answer export = client.get(layer).expect(200);
        client.delete(layer).expect(204);
        client.post("/layers", export.body()).expect(201);
        Answer imported = client.get(layer).expect(200);
        assertThat(withoutItsOwn(imported)).isEqualTo(withoutItsOwn(export));
        assertThat(imported.header("ETag")).isNotEqualTo(export.header("ETag"));
    }

    private static ObjectNode withoutItsOwn(Answer layer) {
        return ((ObjectNode) layer.json()).remove(ITS_OWN);
    }

    @Test
    void whatStandsBesideTheConfigurationCounts() throws IOException {
        String layer = client.layer("\"features\": 2");
        ObjectNode export = (ObjectNode) client.get(layer).json();
        export.put("name", "warmer").put("epsilon", 0.5);
        Answer other = client.post("/layers", export.toString()).expect(201);
        assertThat(other.field("config").get("epsilon").doubleValue()).isEqualTo(0.5);
        client.delete("/layers/warmer").expect(204);
    }

    /// The deleted layer's tag, key and context do not match the layer created from its export.
    @Test
    void aLayerThatCameBackIsAnotherOne() throws IOException {
        String layer = client.layer("\"features\": 2");
        String train = "{\"input\": %s}".formatted(X);
        Answer step =
                client.post(layer + "/forward-train", train, "Idempotency-Key", "k").expect(200);
        Answer export = client.get(layer).expect(200);
        client.delete(layer).expect(204);
        client.post("/layers", export.body()).expect(201);

        client.post(layer + "/reset", "{}", "If-Match", export.header("ETag"))
                .expectProblem(412, "version-mismatch");
        client.post(
                        layer + "/backward",
                        "{\"context_id\": %s, \"grad_output\": %s}"
                                .formatted(step.field("context_id"), X))
                .expectProblem(410, "context-gone");
        Answer again =
                client.post(layer + "/forward-train", train, "Idempotency-Key", "k").expect(200);
        assertThat(again.header("Idempotency-Replayed")).isEmpty();
        assertThat(again.field("num_batches_tracked").longValue()).isEqualTo(2);
    }
}
