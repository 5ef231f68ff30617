package batchnorm.service.layers;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Tests layers as resources: created, read, listed, patched, reset, deleted.
@ExtendWith(ServiceUnderTest.Shared.class)
class LayersOverHttpTest {
    private static final String X = "[[1,2],[3,4],[5,6]]";

    private final Client client;

    LayersOverHttpTest(Client client) {
        this.client = client;
    }

    @Test
    void creatingALayerAnswersWhereAndWhatItIs() throws IOException {
        Answer created =
                client.post("/layers", "{\"name\": \"Created-1.a_b\", \"features\": 2}")
                        .expect(201);
        assertThat(created.header("Location")).endsWith("/api/v1/layers/Created-1.a_b");
        assertThat(created.header("ETag")).matches("\"[^\"]+\"");
        assertThat(created.header("Content-Type")).startsWith("application/json");
        assertThat(created.field("name").stringValue()).isEqualTo("Created-1.a_b");
        assertThat(created.numbers("gamma")).containsExactly(1, 1);
        assertThat(created.numbers("beta")).containsExactly(0, 0);
        assertThat(created.numbers("running_mean")).containsExactly(0, 0);
        assertThat(created.numbers("running_var")).containsExactly(1, 1);
        assertThat(created.field("num_batches_tracked").longValue()).isZero();
        assertThat(Instant.parse(created.field("created_at").stringValue()))
                .isBefore(Instant.now());
        Answer read = client.get("/layers/Created-1.a_b").expect(200);
        assertThat(read.body()).isEqualTo(created.body());
        assertThat(read.header("ETag")).isEqualTo(created.header("ETag"));
    }

    @Test
    void everyKnobIsAnsweredResolved() throws IOException {
        JsonNode config = client.get(client.layer("\"convention\": \"keras\"")).field("config");
        assertThat(config.get("convention").stringValue()).isEqualTo("keras");
        assertThat(config.get("epsilon").doubleValue()).isEqualTo(1e-3);
        assertThat(config.get("momentum").doubleValue()).isEqualTo(0.99);
        assertThat(config.get("momentum_meaning").stringValue()).isEqualTo("old_weight");
        assertThat(config.get("running_variance").stringValue()).isEqualTo("biased");
        assertThat(config.get("scope").stringValue()).isEqualTo("spatial");
        assertThat(config.get("channel_axis").intValue()).isEqualTo(-1);
        assertThat(config.get("scale").booleanValue()).isTrue();
        assertThat(config.get("shift").booleanValue()).isTrue();
        assertThat(config.get("track_running_stats").booleanValue()).isTrue();
        assertThat(config.get("single_value").stringValue()).isEqualTo("zero_variance");
        assertThat(config.get("non_finite").stringValue()).isEqualTo("reject");
        assertThat(config.get("alpha").doubleValue()).isEqualTo(1 - 0.99);
    }

    @Test
    void theFirstBatchDecidesTheFeatures() throws IOException {
        String layer = client.layer("");
        client.train(layer, X);
        assertThat(client.get(layer).numbers("gamma")).hasSize(2);
        client.post(layer + "/forward-train", "{\"input\": [[1,2,3],[4,5,6]]}")
                .expectProblem(422, "shape-mismatch");
    }

    @Test
    void aDeletedLayerIsGoneAndItsNameFree() throws IOException {
        String layer = client.layer("\"features\": 2");
        String tag = client.get(layer).header("ETag");
        Answer forward = client.train(layer, X);
        assertThat(client.delete(layer).expect(204).body()).isEmpty();
        client.get(layer).expectProblem(404, "layer-not-found");
        client.delete(layer).expectProblem(404, "layer-not-found");
        String name = layer.substring("/layers/".length());
        Answer again =
                client.post("/layers", "{\"name\": \"%s\", \"features\": 2}".formatted(name))
                        .expect(201);
        assertThat(again.header("ETag")).isNotEqualTo(tag);
        int status =
                client.post(
                                layer + "/backward",
                                "{\"context_id\": %s, \"grad_output\": %s}"
                                        .formatted(forward.field("context_id"), X))
                        .status();
        assertThat(status).isIn(404, 410); // not the old layer's gradient under the new one's name
    }

    @Test
    void resetTakesTheRunningStatisticsBackAndNothingElse() throws IOException {
        String layer = client.layer("\"convention\": \"onnx\"");
        client.train(layer, X);
        client.patch(layer, "{\"gamma\": [4, 5]}").expect(200);
        Answer reset = client.post(layer + "/reset", "").expect(200);
        assertThat(reset.numbers("running_mean")).containsExactly(0, 0);
        assertThat(reset.numbers("running_var")).containsExactly(1, 1);
        assertThat(reset.field("num_batches_tracked").longValue()).isZero();
        assertThat(reset.numbers("gamma")).containsExactly(4, 5);
        assertThat(client.get(layer).body()).isEqualTo(reset.body());
        client.send("POST", layer + "/reset", null).expect(200); // no body, no media type
    }

    @Test
    void aMergePatchChangesWhatItNames() throws IOException {
        String layer = client.layer("\"features\": 2");
        Answer before = client.get(layer);
        Answer patched =
                client.send(
                                "PATCH",
                                layer,
                                "{\"gamma\": [2, 3], \"epsilon\": 0.5, \"running_var\": [7, 8]}"
                                        .getBytes(StandardCharsets.UTF_8),
                                "Content-Type",
                                "application/merge-patch+json")
                        .expect(200);
        assertThat(patched.numbers("gamma")).containsExactly(2, 3);
        assertThat(patched.numbers("running_var")).containsExactly(7, 8);
        assertThat(patched.numbers("beta")).containsExactly(0, 0);
        assertThat(patched.field("config").get("epsilon").doubleValue()).isEqualTo(0.5);
        assertThat(patched.field("version").longValue())
                .isEqualTo(before.field("version").longValue() + 1);
        assertThat(patched.header("ETag")).isNotEqualTo(before.header("ETag"));
        assertThat(client.get(layer).body()).isEqualTo(patched.body());
    }

    /// RFC 7396: null restores the default; for `momentum`, null is a value of its own.
    @Test
    void nullInAMergePatchGoesBackToTheDefault() throws IOException {
        String layer = client.layer("\"gamma\": [2, 3], \"running_var\": [7, 8]");
        Answer patched =
                client.patch(layer, "{\"gamma\": null, \"running_var\": null, \"momentum\": null}")
                        .expect(200);
        assertThat(patched.numbers("gamma")).containsExactly(1, 1);
        assertThat(patched.numbers("running_var")).containsExactly(1, 1);
        assertThat(patched.field("config").get("momentum").isNull()).isTrue();
        assertThat(client.train(layer, X).field("alpha").doubleValue()).isEqualTo(1);
    }

    @Test
    void ifMatchLetsThroughTheVersionItNames() throws IOException {
        String layer = client.layer("\"features\": 2");
        String first = client.get(layer).header("ETag");
        String body = "{\"beta\": [1, 1]}";
        Answer second = client.patch(layer, body, "If-Match", first).expect(200);
        Answer refused =
                client.patch(layer, body, "If-Match", first).expectProblem(412, "version-mismatch");
        assertThat(refused.detail()).contains(second.header("ETag").replace("\"", ""));
        client.patch(layer, body, "If-Match", "\"x\", " + second.header("ETag")).expect(200);
        client.patch(layer, body, "If-Match", "*").expect(200);
        client.delete(layer, "If-Match", first).expectProblem(412, "version-mismatch");
        client.delete(layer, "If-Match", client.get(layer).header("ETag")).expect(204);
    }

    @Test
    void everyChangeReturnsTheNextVersion() throws IOException {
        String layer = client.layer("\"features\": 2");
        long version = client.get(layer).field("version").longValue();
        Answer trained = client.train(layer, X);
        assertThat(trained.field("version").longValue()).isEqualTo(version + 1);
        assertThat(trained.header("Layer-Version")).isEqualTo(Long.toString(version + 1));
        assertThat(trained.header("ETag")).isEqualTo(client.get(layer).header("ETag"));
        assertThat(trained.header("Context-Id"))
                .isEqualTo(trained.field("context_id").stringValue());
        Answer inferred = client.infer(layer, X);
        assertThat(inferred.header("Layer-Version")).isEqualTo(Long.toString(version + 1));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 1000})
    void pagesListEveryLayerOnceInOrderOfName(int limit) throws IOException {
        List<String> names = List.of("page-A", "page-Z", "page-a", "page-b.1", "page-b_1");
        for (String name : names) {
            client.post("/layers", "{\"name\": \"%s\", \"convention\": \"flax\"}".formatted(name));
        }
        List<String> listed = new ArrayList<>();
        String next = "page-";
        String query = "?after=page";
        while (next != null) {
            JsonNode page = client.get("/layers" + query + "&limit=" + limit).expect(200).json();
            assertThat(page.get("layers").size()).isLessThanOrEqualTo(limit);
            page.get("layers").forEach(layer -> listed.add(layer.get("name").stringValue()));
            next = page.path("next").isString() ? page.get("next").stringValue() : null;
            query = "?after=" + next;
        }
        assertThat(listed).isSorted().doesNotHaveDuplicates();
        assertThat(listed.stream().filter(name -> name.startsWith("page-")))
                .containsExactlyElementsOf(names);
    }

    @Test
    void aListedLayerIsASummary() throws IOException {
        client.post("/layers", "{\"name\": \"summary\", \"features\": 2}").expect(201);
        client.train("/layers/summary", X);
        JsonNode summary = client.get("/layers?after=summar&limit=1").json().get("layers").get(0);
        assertThat(summary.propertyNames())
                .containsExactlyInAnyOrder(
                        "name",
                        "convention",
                        "features",
                        "num_batches_tracked",
                        "version",
                        "updated_at");
        assertThat(summary.get("name").stringValue()).isEqualTo("summary");
        assertThat(summary.get("convention").stringValue()).isEqualTo("pytorch");
        assertThat(summary.get("num_batches_tracked").longValue()).isEqualTo(1);
    }

    /// Like generated clients, because the contract has no other content for such a response.
    @Test
    void anAnswerWithoutABodyGoesToThoseWhoAcceptProblemsOnly() throws IOException {
        client.delete(client.layer(""), "Accept", "application/problem+json").expect(204);
    }

    /// Some clients of inference servers send neither `Content-Type` nor `Accept`.
    @Test
    void aBodyWithoutAMediaTypeIsReadAsJson() throws IOException {
        String layer = client.layer("\"features\": 2");
        byte[] body = "{\"input\": [[1, 2]]}".getBytes(StandardCharsets.UTF_8);
        Answer answer = client.send("POST", layer + "/forward-infer", body).expect(200);
        assertThat(answer.header("Content-Type")).startsWith("application/json");
    }

    @Test
    void theConventionsAreData() throws IOException {
        String table = client.get("/conventions").expect(200).body();
        assertThat(table)
                .contains("pytorch", "keras", "onnx", "flax", "mxnet", "paddle", "dl4j")
                .contains("deep-learning-from-scratch", "tensorflow-1", "pure-python")
                .contains("keras-2-fused", "mlx", "mlx-before-2026-07", "haiku", "cs231n")
                .contains("caffe", "cudnn", "\"epsilon_floor\"", "\"zero_debias\":true")
                .contains("\"momentum_meaning\"", "\"running_variance\"", "\"initial");
    }
}
