package batchnorm.service.passes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import batchnorm.fixtures.RandomSeed;
import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.Parallel;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Tests many concurrent clients of one layer.
@Tag("slow")
@ExtendWith(ServiceUnderTest.Shared.class)
class ConcurrencyTest {
    private static final int CLIENTS = 8;
    private static final int STEPS = 1_000;

    private final Client client;

    ConcurrencyTest(Client client) {
        this.client = client;
    }

    /// The statistics in a training step's response.
    private record Step(
            long version,
            long batches,
            int count,
            double alpha,
            List<Double> mean,
            List<Double> variance) {
        static Step of(Answer answer) {
            return new Step(
                    answer.field("version").longValue(),
                    answer.field("num_batches_tracked").longValue(),
                    answer.field("count").intValue(),
                    answer.field("alpha").doubleValue(),
                    Arrays.stream(answer.numbers("batch_mean")).boxed().toList(),
                    Arrays.stream(answer.numbers("batch_var")).boxed().toList());
        }
    }

    @Test
    void everyStepOfEightClientsIsCountedOnceAndInOneOrder() throws Exception {
        String layer = client.layer("\"convention\": \"pytorch\", \"features\": 2");
        long start = client.get(layer).field("version").longValue();
        List<Step> steps =
                Parallel.run(CLIENTS, number -> train(layer, STEPS, RandomSeed.random(number)))
                        .stream()
                        .flatMap(List::stream)
                        .sorted(Comparator.comparingLong(Step::version))
                        .toList();

        Answer stored = client.get(layer).expect(200);
        assertThat(stored.field("num_batches_tracked").longValue()).isEqualTo(CLIENTS * STEPS);
        assertThat(stored.field("version").longValue()).isEqualTo(start + CLIENTS * STEPS);
        double[] mean = {0, 0};
        double[] variance = {1, 1};
        for (int i = 0; i < steps.size(); i++) {
            assertThat(steps.get(i).version()).isEqualTo(start + i + 1);
            assertThat(steps.get(i).batches()).isEqualTo(i + 1);
            fold(steps.get(i), mean, variance);
        }
        assertThat(stored.numbers("running_mean")).containsExactly(mean);
        assertThat(stored.numbers("running_var")).containsExactly(variance);
    }

    private List<Step> train(String layer, int count, Random random) throws IOException {
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String body = "{\"input\": %s, \"save_context\": false}".formatted(rows(random));
            steps.add(Step.of(client.post(layer + "/forward-train", body).expect(200)));
        }
        return steps;
    }

    /// Computes in plain binary64, in the order of the contract: `rm += α·(mean-rm)`, `rv +=
    /// α·(var·(m/(m-1))-rv)`.
    private static void fold(Step step, double[] mean, double[] variance) {
        double m = step.count();
        for (int c = 0; c < mean.length; c++) {
            mean[c] += step.alpha() * (step.mean().get(c) - mean[c]);
            variance[c] += step.alpha() * (step.variance().get(c) * (m / (m - 1)) - variance[c]);
        }
    }

    @Test
    void clientsThatInterleaveNeverGetEachOthersGradient() throws Exception {
        String layer = client.layer("\"convention\": \"pytorch\", \"features\": 2");
        List<Integer> rounds =
                Parallel.run(
                        4,
                        number -> {
                            Random random = RandomSeed.random(number);
                            for (int round = 0; round < 50; round++) {
                                checkGradientOfGamma(layer, rows(random));
                            }
                            return 50;
                        });
        assertThat(rounds).hasSize(4);
    }

    /// With a gradient of 1 for the first row only, gamma's gradient is that row, normalized. It is
    /// unique for each batch.
    private void checkGradientOfGamma(String layer, String rows) throws IOException {
        Answer forward = client.train(layer, rows);
        Answer backward = client.backward(layer, forward, "[[1,1],[0,0],[0,0]]");
        double[] firstRow = Arrays.copyOf(forward.numbers("output"), 2);
        assertThat(backward.numbers("grad_gamma")).containsExactly(firstRow, within(1e-12));
    }

    @Test
    void stepsWithTheSameETagDoNotBothSucceed() throws Exception {
        String layer = client.layer("\"convention\": \"pytorch\", \"features\": 2");
        String tag = client.get(layer).header("ETag");
        List<Integer> statuses =
                Parallel.run(
                        CLIENTS,
                        number ->
                                client.post(
                                                layer + "/forward-train",
                                                "{\"input\": [[1,2],[3,4]]}",
                                                "If-Match",
                                                tag)
                                        .status());
        assertThat(statuses).containsOnlyOnce(200);
        assertThat(statuses.stream().filter(status -> status == 412)).hasSize(CLIENTS - 1);
    }

    @Test
    void retriesWithOneIdempotencyKeyAreOneStep() throws Exception {
        String layer = client.layer("\"convention\": \"pytorch\", \"features\": 2");
        String body = "{\"input\": [[1,2],[3,4]]}";
        List<Answer> answers =
                Parallel.run(
                        CLIENTS,
                        number ->
                                client.post(
                                        layer + "/forward-train", body, "Idempotency-Key", "one"));
        // A concurrent retry may get 409 while the first request is in progress.
        assertThat(answers).allMatch(answer -> answer.status() == 200 || answer.status() == 409);
        Answer later =
                client.post(layer + "/forward-train", body, "Idempotency-Key", "one").expect(200);
        assertThat(answers.stream().filter(answer -> answer.status() == 200))
                .isNotEmpty()
                .allMatch(answer -> answer.field("version").equals(later.field("version")));
        assertThat(client.get(layer).field("num_batches_tracked").longValue()).isEqualTo(1);
    }

    /// Three rows of two features, in nested JSON.
    private static String rows(Random random) {
        double[] x = random.doubles(6, -100, 100).toArray();
        return "[[%s,%s],[%s,%s],[%s,%s]]".formatted(x[0], x[1], x[2], x[3], x[4], x[5]);
    }
}
