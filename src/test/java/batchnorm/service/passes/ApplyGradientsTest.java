package batchnorm.service.passes;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Tests training by clients that keep no parameters.
@ExtendWith(ServiceUnderTest.Shared.class)
class ApplyGradientsTest {
    private static final String SGD =
            "{\"kind\": \"sgd\", \"learning_rate\": 0.5, \"momentum\": 0.5}";

    private final Client client;

    ApplyGradientsTest(Client client) {
        this.client = client;
    }

    @Test
    void stepsFollowTheGradientsAndWhatCameBefore() throws IOException {
        String layer = client.layer("\"features\": 2");
        Answer first = step(layer, "[1, -2]", "[4, 0]", SGD);
        assertThat(first.numbers("gamma")).containsExactly(0.5, 2);
        assertThat(first.numbers("beta")).containsExactly(-2, 0);
        assertThat(first.field("version").intValue()).isEqualTo(2);
        Answer second = step(layer, "[1, -2]", "[4, 0]", SGD);
        assertThat(second.numbers("gamma")).containsExactly(-0.25, 3.5);
        Answer now = client.get(layer);
        assertThat(now.field("gamma")).isEqualTo(second.field("gamma"));
        assertThat(now.field("beta")).isEqualTo(second.field("beta"));
        assertThat(now.header("ETag")).isEqualTo(second.header("ETag"));
    }

    @Test
    void aRetryAnswersTheSameAndStepsOnce() throws IOException {
        String layer = client.layer("\"features\": 2");
        String body =
                "{\"grad_gamma\": [1, 1], \"optimizer\": {\"kind\": \"adam\", \"learning_rate\": 0.1}}";
        String path = layer + "/apply-gradients";
        Answer first = client.post(path, body, "Idempotency-Key", "k").expect(200);
        client.train(layer, "[[1,2],[3,4]]");
        Answer again = client.post(path, body, "Idempotency-Key", "k").expect(200);
        assertThat(again.body()).isEqualTo(first.body());
        assertThat(again.header("Idempotency-Replayed")).isEqualTo("true");
        assertThat(client.get(layer).field("version").intValue()).isEqualTo(3);
        Answer other =
                client.post(path, body.replace("0.1", "0.2"), "Idempotency-Key", "k").expect(422);
        assertThat(other.slug()).isEqualTo("idempotency-key-reused");
    }

    /// Waiting steps are committed together, each based on the previous one.
    @Test
    void stepsOfManyClientsAreMadeOneAfterAnother() throws Exception {
        String layer = client.layer("\"features\": 2");
        int clients = 24;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Answer>> steps = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                steps.add(threads.submit(() -> step(layer, "[1, -2]", "null", SGD)));
            }
            for (Future<Answer> step : steps) {
                step.get();
            }
        }
        double gamma = 1;
        double buffer = 0;
        for (int i = 0; i < clients; i++) {
            buffer = 0.5 * buffer + 1; // exact, as are all numbers here
            gamma -= 0.5 * buffer;
        }
        assertThat(client.get(layer).numbers("gamma")).containsExactly(gamma, 1 - 2 * (gamma - 1));
    }

    @Test
    void frozenParametersTakeNoSteps() throws IOException {
        String layer = client.layer("\"features\": 2, \"freeze_parameters\": true");
        String body = "{\"grad_gamma\": [1, 1], \"optimizer\": %s}".formatted(SGD);
        Answer refused = client.post(layer + "/apply-gradients", body).expect(409);
        assertThat(refused.slug()).isEqualTo("layer-frozen");
        assertThat(client.get(layer).numbers("gamma")).containsExactly(1, 1);
    }

    @Test
    void ifMatchKeepsAStepFromALayerThatHasMoved() throws IOException {
        String layer = client.layer("\"features\": 2");
        String tag = client.get(layer).header("ETag");
        String body = "{\"grad_gamma\": [1, 1], \"optimizer\": %s}".formatted(SGD);
        client.post(layer + "/apply-gradients", body, "If-Match", tag).expect(200);
        client.post(layer + "/apply-gradients", body, "If-Match", tag).expect(412);
    }

    /// An absent gradient leaves its vector; PATCH and reset keep the optimizer state.
    @Test
    void whatIsRememberedIsForgottenOnlyOnRequest() throws IOException {
        String layer = client.layer("\"features\": 2");
        step(layer, "[1, 1]", "null", SGD);
        assertThat(client.get(layer).numbers("beta")).containsExactly(0, 0);
        client.patch(layer, "{\"gamma\": [0, 0]}").expect(200);
        client.post(layer + "/reset", "").expect(200);
        assertThat(step(layer, "[0, 0]", "null", SGD).numbers("gamma"))
                .containsExactly(-0.25, -0.25);
        Answer restarted =
                client.post(
                                layer + "/apply-gradients",
                                "{\"grad_gamma\": [0, 0], \"restart\": true, \"optimizer\": %s}"
                                        .formatted(SGD))
                        .expect(200);
        assertThat(restarted.numbers("gamma")).containsExactly(-0.25, -0.25);
        step(layer, "[1, 1]", "null", SGD);
        // Another optimizer kind does not interpret a momentum buffer as an average.
        Answer adam = step(layer, "[0, 0]", "null", "{\"kind\": \"adam\", \"learning_rate\": 0.5}");
        assertThat(adam.numbers("gamma")).containsExactly(-0.75, -0.75);
    }

    @Test
    void aContextKeepsTheGammaOfItsForwardThroughAStep() throws IOException {
        String layer = client.layer("\"features\": 2");
        String x = "[[1,2],[3,4],[5,7]]";
        Answer forward = client.train(layer, x);
        double[] expected = client.backward(layer, forward, x).numbers("grad_input");
        Answer later = client.train(layer, x);
        step(layer, "[1, -2]", "[4, 0]", SGD);
        assertThat(client.backward(layer, later, x).numbers("grad_input"))
                .containsExactly(expected);
    }

    @Test
    void aLayerWithoutScaleTakesItsBackwardsAnswerAsItIs() throws IOException {
        String layer = client.layer("\"scale\": false, \"features\": 2");
        Answer step = step(layer, "null", "[2, 2]", SGD);
        assertThat(step.field("gamma").isNull()).isTrue();
        assertThat(step.numbers("beta")).containsExactly(-1, -1);
        Answer refused =
                client.post(
                                layer + "/apply-gradients",
                                "{\"grad_gamma\": [1, 1], \"optimizer\": %s}".formatted(SGD))
                        .expect(422);
        assertThat(refused.detail()).contains("\"scale\" is false");
    }

    private Answer step(String layer, String gradGamma, String gradBeta, String optimizer)
            throws IOException {
        return client.post(
                        layer + "/apply-gradients",
                        "{\"grad_gamma\": %s, \"grad_beta\": %s, \"optimizer\": %s}"
                                .formatted(gradGamma, gradBeta, optimizer))
                .expect(200);
    }
}
