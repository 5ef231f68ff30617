package batchnorm.service.requests;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/// Tests that null denotes an absent field, except where null is a value. Jackson and
/// System.Text.Json send null for unset fields.
@ExtendWith(ServiceUnderTest.Shared.class)
class NullFieldsTest {
    private static final String INPUT = "[[1, 2], [3, 5]]";
    private final Client client;

    NullFieldsTest(Client client) {
        this.client = client;
    }

    @Test
    void areAbsentFromACreation() throws IOException {
        client.delete("/layers/nulls");
        JsonNode config =
                client.post(
                                "/layers",
                                """
                                {"name": "nulls", "convention": null, "features": 2, "epsilon": null, \
                                "momentum_meaning": null, "running_variance": null, "scope": null, \
                                "channel_axis": null, "scale": null, "shift": null, \
                                "track_running_stats": null, "single_value": null, "non_finite": null, \
                                "freeze_statistics": null, "freeze_parameters": null, \
                                "statistics_blend": null, "virtual_batch_size": null, "r_max": null, \
                                "d_max": null, "gamma": null, "beta": null, "running_mean": null, \
                                "running_var": null, "num_batches_tracked": null, "config": null, \
                                "version": null, "created_at": null, "updated_at": null}\
                                """)
                        .expect(201)
                        .field("config");
        String plain = client.layer("\"features\": 2");
        assertThat(config).isEqualTo(client.get(plain).field("config"));
    }

    @Test
    void areTheCumulativeAverageAsMomentum() throws IOException {
        String layer = client.layer("\"momentum\": null");
        assertThat(client.get(layer).json().at("/config/momentum").isNull()).isTrue();
    }

    @Test
    void areAbsentFromAPass() throws IOException {
        String layer = client.layer("");
        Answer trained =
                client.post(
                                layer + "/forward-train",
                                """
                                {"input": {"shape": [2, 2], "datatype": null, "data": [1, 2, 3, 5], "base64": null}, \
                                "mask": null, "weights": null, "save_context": null, \
                                "return_statistics": null, "commit": null}\
                                """)
                        .expect(200);
        assertThat(trained.numbers("batch_mean")).containsExactly(2, 3.5);
        Answer gradients =
                client.post(
                                layer + "/backward",
                                """
                                {"context_id": %s, "grad_output": %s, "input": null, "mode": null, \
                                "batch_mean": null, "batch_var": null, "mask": null, "weights": null, \
                                "statistics_blend": null}\
                                """
                                        .formatted(trained.field("context_id"), INPUT))
                        .expect(200);
        Answer stateless =
                client.post(
                                layer + "/backward",
                                "{\"context_id\": null, \"grad_output\": %s, \"input\": %s}"
                                        .formatted(INPUT, INPUT))
                        .expect(200);
        assertThat(stateless.numbers("grad_input"))
                .containsExactly(gradients.numbers("grad_input"));
    }

    @Test
    void areAbsentFromNestedObjects() throws IOException {
        String layer = client.layer("\"features\": 2");
        client.post(
                        layer + "/apply-gradients",
                        """
                        {"grad_gamma": [1, 1], "grad_beta": null, "optimizer": {"kind": "sgd", \
                        "learning_rate": 0.1, "momentum": null, "nesterov": null, "beta1": null, \
                        "beta2": null, "epsilon": null, "weight_decay": null}, "restart": null}\
                        """)
                .expect(200);
    }

    @Test
    void areMissingWhereAFieldIsRequired() throws IOException {
        String layer = client.layer("");
        Answer refused = client.post(layer + "/forward-train", "{\"input\": null}");
        refused.expectProblem(400, "invalid-request");
        assertThat(refused.detail()).contains("\"input\" is required");
    }

    @Test
    void areRefusedInAMergePatchWhereNullIsNoValue() throws IOException {
        String layer = client.layer("\"features\": 2, \"gamma\": [3, 4]");
        client.patch(layer, "{\"epsilon\": null}").expectProblem(400, "invalid-request");
        assertThat(client.patch(layer, "{\"gamma\": null}").expect(200).numbers("gamma"))
                .containsExactly(1, 1);
    }

    @Test
    void areAbsentFromAnInferenceRequest() throws IOException {
        String layer = client.layer("\"features\": 2");
        Answer answer =
                client.send(
                        "POST",
                        "//v2" + layer.replace("/layers/", "/models/") + "/infer",
                        """
                        {"id": null, "parameters": {"operation": null, "mode": null, "context_id": null}, \
                        "inputs": [{"name": "input", "shape": [2, 2], "datatype": "FP64", "parameters": null, \
                        "data": [1, 2, 3, 5]}], "outputs": null}\
                        """
                                .getBytes(StandardCharsets.UTF_8));
        answer.expect(200);
        client.send(
                        "POST",
                        "//v2" + layer.replace("/layers/", "/models/") + "/infer",
                        """
                        {"inputs": [{"name": "input", "shape": [2, 2], "datatype": "FP64", \
                        "data": [1, 2, 3, 5], "parameters": {"binary_data_size": null}}], \
                        "outputs": [{"name": "output", "parameters": null}]}\
                        """
                                .getBytes(StandardCharsets.UTF_8))
                .expect(200);
    }
}
