package batchnorm.service.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Tests steps without a commit, and frozen parts of a layer.
@ExtendWith(ServiceUnderTest.Shared.class)
class ControlTest {
    private static final String X = "[[1,2],[3,4],[5,6]]";
    private static final String DRY = "{\"input\": %s, \"commit\": false}".formatted(X);
    private final Client client;

    ControlTest(Client client) {
        this.client = client;
    }

    @Test
    void aDryRunAnswersWhatTheStepWouldAndChangesNothing() throws IOException {
        String layer = client.layer("\"features\": 2");
        String before = client.get(layer).body();
        Answer dry = client.post(layer + "/forward-train", DRY).expect(200);
        assertThat(client.get(layer).body()).isEqualTo(before);
        Answer step = client.train(layer, X);
        for (String same :
                new String[] {
                    "output",
                    "batch_mean",
                    "batch_var",
                    "count",
                    "running_mean",
                    "running_var",
                    "num_batches_tracked",
                    "alpha"
                }) {
            assertThat(dry.field(same)).as(same).isEqualTo(step.field(same));
        }
        assertThat(dry.field("version").intValue()).isEqualTo(1);
        assertThat(step.field("version").intValue()).isEqualTo(2);
    }

    @Test
    void aDryRunHasAContextOnRequest() throws IOException {
        String layer = client.layer("");
        Answer dry = client.post(layer + "/forward-train", DRY);
        Answer gradients = client.backward(layer, dry, "[[1,0],[0,1],[2,2]]");
        assertThat(gradients.numbers("grad_beta")).containsExactly(3, 3);
        assertThat(client.get(layer).field("features").isNull()).isTrue();
        Answer without =
                client.post(
                        layer + "/forward-train",
                        "{\"input\": %s, \"commit\": false, \"save_context\": false}".formatted(X));
        assertThat(without.field("context_id").isNull()).isTrue();
    }

    @Test
    void aDryRunLeavesItsIdempotencyKeyForTheStep() throws IOException {
        String layer = client.layer("");
        String path = layer + "/forward-train";
        client.post(path, DRY, "Idempotency-Key", "one").expect(200);
        Answer step = client.post(path, "{\"input\": %s}".formatted(X), "Idempotency-Key", "one");
        assertThat(step.header("Idempotency-Replayed")).isEmpty();
        assertThat(step.field("num_batches_tracked").intValue()).isEqualTo(1);
    }

    /// Like `eval()` on one layer of a network in training.
    @Test
    void frozenStatisticsNormalizeTrainingAndStay() throws IOException {
        String layer = client.layer("\"freeze_statistics\": true, \"running_mean\": [3,4]");
        Answer step = client.train(layer, X);
        assertThat(step.numbers("output")).isEqualTo(client.infer(layer, X).numbers("output"));
        assertThat(step.numbers("batch_mean")).containsExactly(3, 4);
        assertThat(step.field("alpha").doubleValue()).isZero();
        assertThat(step.field("version").intValue()).isEqualTo(1);
        assertThat(client.get(layer).field("num_batches_tracked").intValue()).isZero();
        double[] ofConstants =
                client.backward(layer, step, "[[1,0],[0,1],[2,2]]").numbers("grad_input");
        double s = 1 / Math.sqrt(1 + 1e-5);
        assertThat(ofConstants)
                .containsExactly(new double[] {s, 0, 0, s, 2 * s, 2 * s}, within(1e-15));
        client.train(layer, "[[1,2]]"); // a single value needs no variance
    }

    @Test
    void frozenStatisticsStayUntilTheyAreThawed() throws IOException {
        String layer = client.layer("\"features\": 2, \"freeze_statistics\": true");
        client.send("POST", layer + "/reset", null).expectProblem(409, "layer-frozen");
        client.patch(layer, "{\"running_mean\": [1,1]}").expectProblem(409, "layer-frozen");
        client.patch(layer, "{\"num_batches_tracked\": 9}").expectProblem(409, "layer-frozen");
        client.patch(layer, "{\"gamma\": [2,2]}").expect(200);
        client.patch(layer, "{\"running_mean\": [1,1], \"freeze_statistics\": false}").expect(200);
        assertThat(client.train(layer, X).field("num_batches_tracked").intValue()).isEqualTo(1);
    }

    @Test
    void frozenParametersHaveNoGradientsAndStay() throws IOException {
        String layer = client.layer("\"features\": 2, \"freeze_parameters\": true");
        Answer refused = client.patch(layer, "{\"beta\": null}");
        refused.expectProblem(409, "layer-frozen");
        assertThat(refused.field("field").stringValue()).isEqualTo("beta");
        Answer step = client.train(layer, X);
        assertThat(step.field("num_batches_tracked").intValue()).isEqualTo(1);
        Answer gradients = client.backward(layer, step, "[[1,0],[0,1],[2,2]]");
        assertThat(gradients.field("grad_gamma").isNull()).isTrue();
        assertThat(gradients.field("grad_beta").isNull()).isTrue();
        assertThat(gradients.numbers("grad_input")).hasSize(6);
        client.patch(layer, "{\"beta\": [1,1], \"freeze_parameters\": false}").expect(200);
    }

    @Test
    void aBlendLiesBetweenTheRunningStatisticsAndTheBatchs() throws IOException {
        String layer = client.layer("\"running_mean\": [1,0], \"running_var\": [2,1]");
        assertThat(blended(layer, "0")).isEqualTo(client.infer(layer, X).numbers("output"));
        String dry = "{\"input\": %s, \"commit\": false}".formatted(X);
        assertThat(blended(layer, "1"))
                .isEqualTo(client.post(layer + "/forward-train", dry).numbers("output"));
        double mean = 0.75 * 1 + 0.25 * 3;
        double variance = 0.75 * 2 + 0.25 * 8 / 3;
        assertThat(blended(layer, "0.25")[0])
                .isCloseTo((1 - mean) / Math.sqrt(variance + 1e-5), within(1e-15));
        client.patch(layer, "{\"statistics_blend\": 0.25}").expect(200);
        assertThat(client.infer(layer, X).numbers("output")).isEqualTo(blended(layer, "0.25"));
    }

    @Test
    void aContextKnowsTheBlendOfItsForward() throws IOException {
        String layer = client.layer("\"running_mean\": [1,0], \"running_var\": [2,1]");
        Answer forward =
                client.post(
                        layer + "/forward-infer",
                        "{\"input\": %s, \"statistics_blend\": 0.25, \"save_context\": true}"
                                .formatted(X));
        Answer stateless =
                client.post(
                        layer + "/backward",
                        "{\"input\": %s, \"grad_output\": %s, \"mode\": \"infer\", \"statistics_blend\": 0.25}"
                                .formatted(X, "[[1,0],[0,1],[2,2]]"));
        assertThat(client.backward(layer, forward, "[[1,0],[0,1],[2,2]]").json())
                .isEqualTo(stateless.json());
    }

    private double[] blended(String layer, String share) throws IOException {
        return client.post(
                        layer + "/forward-infer",
                        "{\"input\": %s, \"statistics_blend\": %s}".formatted(X, share))
                .numbers("output");
    }
}
