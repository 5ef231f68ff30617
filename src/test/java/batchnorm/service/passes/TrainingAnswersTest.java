package batchnorm.service.passes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Tests the response fields of passes beside the tensor, and the edge cases of the operator.
@ExtendWith(ServiceUnderTest.Shared.class)
class TrainingAnswersTest {
    private static final String X = "[[1,2],[3,4],[5,6]]";
    private static final String DY = "[[0.1,0.2],[0.3,0.4],[0.5,0.6]]";

    private final Client client;

    TrainingAnswersTest(Client client) {
        this.client = client;
    }

    @Test
    void aTrainingStepAnswersItsStatistics() throws IOException {
        String layer = client.layer("");
        Answer step = client.train(layer, X);
        assertThat(step.json().propertyNames())
                .containsExactlyInAnyOrder(
                        "output",
                        "context_id",
                        "batch_mean",
                        "batch_var",
                        "count",
                        "running_mean",
                        "running_var",
                        "num_batches_tracked",
                        "alpha",
                        "version");
        assertThat(step.numbers("batch_mean")).containsExactly(3, 4);
        assertThat(step.numbers("batch_var"))
                .containsExactly(new double[] {8 / 3.0, 8 / 3.0}, within(1e-15));
        assertThat(step.field("count").intValue()).isEqualTo(3);
        Answer now = client.get(layer);
        assertThat(step.field("version")).isEqualTo(now.field("version"));
        assertThat(step.field("running_var")).isEqualTo(now.field("running_var"));
    }

    /// The direction of momentum is the field's most common mistake.
    @ParameterizedTest(name = "{0} with {1}: {2}")
    @CsvSource({
        "pytorch, 0.1, 0.1",
        "pytorch, 0.25, 0.25",
        "keras, 0.75, 0.25",
        "onnx, 0.5, 0.5",
        "tensorflow-1, 0.875, 0.125",
    })
    void everyStepEchoesTheResolvedAlpha(String convention, double momentum, double alpha)
            throws IOException {
        String layer =
                client.layer(
                        "\"convention\": \"%s\", \"momentum\": %s".formatted(convention, momentum));
        assertThat(client.train(layer, X).field("alpha").doubleValue()).isEqualTo(alpha);
        assertThat(client.get(layer).field("config").get("alpha").doubleValue()).isEqualTo(alpha);
    }

    @Test
    void withoutMomentumAlphaIsOneByTheNumberOfBatches() throws IOException {
        String layer = client.layer("\"momentum\": null");
        assertThat(client.train(layer, X).field("alpha").doubleValue()).isEqualTo(1);
        assertThat(client.train(layer, "[[0,0],[3,6]]").field("alpha").doubleValue())
                .isEqualTo(0.5);
        Answer third = client.train(layer, "[[7,0],[8,2]]");
        assertThat(third.field("alpha").doubleValue()).isEqualTo(1 / 3.0);
        assertThat(third.numbers("running_mean"))
                .containsExactly(
                        new double[] {(3 + 1.5 + 7.5) / 3, (4 + 3 + 1) / 3.0}, within(1e-15));
    }

    @Test
    void stepsMaySaveNoContextAndReturnNoStatistics() throws IOException {
        String layer = client.layer("");
        Answer step =
                client.post(
                                layer + "/forward-train",
                                "{\"input\": %s, \"save_context\": false, \"return_statistics\": false}"
                                        .formatted(X))
                        .expect(200);
        assertThat(step.json().has("output")).isTrue();
        assertThat(step.json().path("context_id").isString()).isFalse();
        assertThat(step.json().path("batch_mean").isArray()).isFalse();
        assertThat(client.get(layer).field("num_batches_tracked").longValue()).isEqualTo(1);
    }

    @Test
    void inferenceChangesNothingAndSavesAContextOnRequest() throws IOException {
        String layer =
                client.layer("\"running_mean\": [1,2], \"running_var\": [4,9], \"epsilon\": 0");
        Answer before = client.get(layer);
        Answer plain = client.infer(layer, X);
        assertThat(plain.json().path("context_id").isString()).isFalse();
        assertThat(plain.field("version")).isEqualTo(before.field("version"));
        assertThat(plain.numbers("output"))
                .containsExactly(new double[] {0, 0, 1, 2 / 3.0, 2, 4 / 3.0}, within(1e-15));
        Answer saved =
                client.post(
                                layer + "/forward-infer",
                                "{\"input\": %s, \"save_context\": true}".formatted(X))
                        .expect(200);
        Answer backward = client.backward(layer, saved, "[[1,1],[1,1],[1,1]]");
        assertThat(backward.numbers("grad_input"))
                .containsExactly(
                        new double[] {0.5, 1 / 3.0, 0.5, 1 / 3.0, 0.5, 1 / 3.0}, within(1e-15));
        assertThat(backward.numbers("grad_gamma"))
                .containsExactly(new double[] {3, 2}, within(1e-15));
        assertThat(backward.numbers("grad_beta")).containsExactly(3, 3);
        assertThat(client.get(layer).body()).isEqualTo(before.body());
    }

    @Test
    void anEmptyBatchIsAnsweredEmptyAndNotCounted() throws IOException {
        String layer = client.layer("\"features\": 2");
        Answer before = client.get(layer);
        Answer step = client.train(layer, "{\"shape\": [0,2], \"data\": []}");
        assertThat(step.field("output").toString())
                .contains("\"shape\":[0,2]")
                .contains("\"data\":[]");
        assertThat(step.field("count").intValue()).isZero();
        assertThat(step.field("num_batches_tracked").longValue()).isZero();
        assertThat(client.get(layer).body()).isEqualTo(before.body());
        assertThat(client.get(layer).header("ETag")).isEqualTo(before.header("ETag"));
        assertThat(client.infer(layer, "{\"shape\": [0,2,3], \"data\": []}").numbers("output"))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.1", "1e300", "-7.7e-11", "4.9e-324", "123456789.123"})
    void aConstantChannelIsExactlyBeta(String constant) throws IOException {
        String layer = client.layer("\"gamma\": [3, 1], \"beta\": [0.7, -1]");
        Answer step =
                client.train(
                        layer,
                        "[[%1$s,1],[%1$s,2],[%1$s,4],[%1$s,0],[%1$s,9]]".formatted(constant));
        for (int row = 0; row < 5; row++) {
            assertThat(step.numbers("output")[2 * row]).isEqualTo(0.7);
        }
        assertThat(step.numbers("batch_var")[0]).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "keras",
                "onnx",
                "flax",
                "mxnet",
                "deep-learning-from-scratch",
                "tensorflow-1",
                "keras-2-fused",
                "mlx-before-2026-07",
                "haiku",
                "cs231n",
                "caffe"
            })
    void oneValuePerChannelHasVarianceZeroInMostConventions(String convention) throws IOException {
        String layer =
                client.layer("\"convention\": \"%s\", \"beta\": [5, 6]".formatted(convention));
        Answer step = client.train(layer, "[[1,2]]");
        assertThat(step.numbers("output")).containsExactly(5, 6);
        assertThat(step.numbers("batch_var")).containsExactly(0, 0);
    }

    @Test
    void layersWithoutRunningStatisticsInferWithTheBatchs() throws IOException {
        String layer = client.layer("\"track_running_stats\": false");
        Answer step = client.train(layer, X);
        assertThat(client.infer(layer, X).numbers("output"))
                .containsExactly(step.numbers("output"));
        Answer now = client.get(layer);
        assertThat(now.json().path("running_mean").isArray()).isFalse();
        assertThat(now.json().path("num_batches_tracked").asLong(0)).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"scale\": false, \"features\": 2",
                "\"shift\": false, \"features\": 2",
                "\"track_running_stats\": false, \"features\": 2",
                "\"scale\": false, \"shift\": false, \"features\": 2, \"track_running_stats\": false",
                "\"convention\": \"pure-python\", \"track_running_stats\": true, \"features\": 2",
            })
    void whatALayerHasDoesNotDependOnWhenItsFeaturesAreKnown(String fields) throws IOException {
        String early = client.layer(fields);
        String late = client.layer(fields.replace(", \"features\": 2", ""));
        Answer first = client.train(early, X);
        Answer second = client.train(late, X);
        for (String vector : List.of("gamma", "beta", "running_mean", "running_var")) {
            assertThat(client.get(early).field(vector))
                    .as(vector)
                    .isEqualTo(client.get(late).field(vector));
        }
        assertThat(client.backward(early, first, DY).body())
                .isEqualTo(client.backward(late, second, DY).body());
    }

    @Test
    void gammaAndBetaAreEachOptional() throws IOException {
        String noGamma = client.layer("\"scale\": false, \"beta\": [10, 20]");
        Answer forward = client.train(noGamma, X);
        assertThat(forward.numbers("output")[2]).isEqualTo(10);
        Answer backward = client.backward(noGamma, forward, DY);
        assertThat(backward.json().path("grad_gamma").isArray()).isFalse();
        assertThat(backward.numbers("grad_beta")).hasSize(2);
        assertThat(client.get(noGamma).json().path("gamma").isArray()).isFalse();

        String noBeta = client.layer("\"shift\": false, \"gamma\": [2, 3]");
        forward = client.train(noBeta, X);
        assertThat(forward.numbers("output")[2]).isZero();
        backward = client.backward(noBeta, forward, DY);
        assertThat(backward.json().path("grad_beta").isArray()).isFalse();
        assertThat(backward.numbers("grad_gamma")).hasSize(2);
    }

    @Test
    void aStatelessBackwardInTrainModeIsTheOneOfAContext() throws IOException {
        String layer = client.layer("\"gamma\": [2, 0.5]");
        Answer withContext = client.backward(layer, client.train(layer, X), DY);
        Answer stateless =
                client.post(
                                layer + "/backward",
                                "{\"input\": %s, \"grad_output\": %s, \"mode\": \"train\"}"
                                        .formatted(X, DY))
                        .expect(200);
        assertThat(stateless.body()).isEqualTo(withContext.body());
    }

    @Test
    void aStatelessBackwardTakesTheStatisticsItIsGiven() throws IOException {
        String layer = client.layer("\"epsilon\": 0, \"features\": 2");
        Answer answer =
                client.post(
                                layer + "/backward",
                                """
                                {"input": [[1,2],[3,4]], "grad_output": [[1,0],[0,0]], "mode": "train",
                                 "batch_mean": [3, 3], "batch_var": [4, 1]}\
                                """)
                        .expect(200);
        assertThat(answer.numbers("grad_gamma"))
                .containsExactly(new double[] {-1, 0}, within(1e-15));
        assertThat(answer.numbers("grad_beta")).containsExactly(1, 0);
    }

    @Test
    void aStatelessBackwardInInferModeUsesTheRunningStatistics() throws IOException {
        String layer =
                client.layer("\"running_mean\": [1,2], \"running_var\": [4,9], \"epsilon\": 0");
        Answer answer =
                client.post(
                                layer + "/backward",
                                "{\"input\": %s, \"grad_output\": [[1,1],[1,1],[1,1]], \"mode\": \"infer\"}"
                                        .formatted(X))
                        .expect(200);
        assertThat(answer.numbers("grad_input")[0]).isEqualTo(0.5);
        assertThat(answer.numbers("grad_gamma"))
                .containsExactly(new double[] {3, 2}, within(1e-15));
    }

    /// A context stores gamma; a patch between forward and backward does not change the gradient.
    @Test
    void aContextKeepsTheGammaOfItsForward() throws IOException {
        String layer = client.layer("\"features\": 2");
        double[] expected =
                client.backward(layer, client.train(layer, X), DY).numbers("grad_input");
        Answer forward = client.train(layer, X);
        client.patch(layer, "{\"gamma\": [100, 100]}").expect(200);
        assertThat(client.backward(layer, forward, DY).numbers("grad_input"))
                .containsExactly(expected);
    }
}
