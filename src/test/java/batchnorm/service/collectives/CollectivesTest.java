package batchnorm.service.collectives;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Groups, accumulations and statistics over HTTP, in a service with memory for few bodies.
class CollectivesTest {
    private static final String INSTALL_APPLY = "{\"apply\": \"install\"}";
    private static ServiceUnderTest service;

    @BeforeAll
    static void start() throws IOException {
        service = new ServiceUnderTest("BATCHNORM_IN_FLIGHT_BYTES=65536");
    }

    @AfterAll
    static void stop() throws IOException {
        service.close();
    }

    private final Client client = service.client();

    /// The bodies of a step exceed the budget of in-flight bodies many times. Waiting members must
    /// not hold memory that the others need.
    @Test
    void twoHundredWorkersTrainTogetherInTheRoomOfAFew() throws Exception {
        String layer = client.layer("\"features\": 2");
        String group = open(layer, 200, 30);
        for (int step = 0; step < 3; step++) {
            List<Answer> answers = all(200, forwards(group, 200, step, 100));
            for (Answer answer : answers) {
                answer.expect(200);
                assertThat(answer.field("count").longValue()).isEqualTo(20_000);
                assertThat(answer.numbers("output")).hasSize(200);
                assertThat(answer.field("version")).isEqualTo(answers.getFirst().field("version"));
            }
            for (Answer answer : all(200, backwards(group, 200, step, 100))) {
                assertThat(answer.expect(200).numbers("grad_input")).hasSize(200);
            }
        }
        assertThat(client.get(layer).field("num_batches_tracked").longValue()).isEqualTo(3);
    }

    @Test
    void manyGroupsTrainOneLayerAndNoStepIsLost() throws Exception {
        String layer = client.layer("\"features\": 2");
        List<Callable<Answer>> work = new ArrayList<>();
        for (int g = 0; g < 20; g++) {
            String group = open(layer, 4, 30);
            for (int rank = 0; rank < 4; rank++) {
                int member = rank;
                work.add(() -> {
                    for (int step = 0; step < 9; step++) {
                        forward(group, member, step, 2).expect(200);
                    }
                    return forward(group, member, 9, 2);
                });
            }
        }
        all(80, work).forEach(answer -> answer.expect(200));
        assertThat(client.get(layer).field("num_batches_tracked").longValue()).isEqualTo(200);
    }

    @Test
    void aWorkerThatDoesNotComeIsNamedAndTheStepCanBeSentAgain() throws Exception {
        String layer = client.layer("\"features\": 2");
        String group = open(layer, 3, 0.3);
        List<Callable<Answer>> two = forwards(group, 3, 0, 2).subList(0, 2);
        for (Answer answer : all(2, two)) {
            answer.expectProblem(408, "sync-timeout");
            assertThat(answer.detail()).contains("rank 2 did not reach forward-train");
        }
        assertThat(client.get(layer).field("version").longValue()).isEqualTo(1);
        all(3, forwards(group, 3, 0, 2)).forEach(answer -> answer.expect(200));
    }

    @Test
    void misuseIsNamed() throws Exception {
        String layer = client.layer("\"features\": 2");
        String group = open(layer, 1, 30);
        forward(group, 0, 0, 2).expect(200);
        forward(group, 0, 0, 3).expectProblem(409, "part-conflict");
        forward(group, 0, 5, 2).expectProblem(409, "part-conflict");
        forward(group, 1, 1, 2).expectProblem(400, "invalid-request");
        forward("nobody", 0, 0, 2).expectProblem(404, "collective-not-found");
        client.post("/sync-groups/" + group + "/forward-train", "{\"rank\": 0, \"step\": 1}")
                .expectProblem(400, "invalid-request");
        client.post(layer + "/sync-groups", "{\"size\": 0}").expectProblem(400, "invalid-request");
        client.post(layer + "/sync-groups", "{\"size\": 2, \"timeout_seconds\": 1e9}")
                .expectProblem(400, "invalid-request");
    }

    @Test
    void membersMayKeepTheirTensorsAndSendMoments() throws Exception {
        String layer = client.layer("\"features\": 2");
        String group = open(layer, 1, 30);
        Answer trained =
                client.post(
                                "/sync-groups/" + group + "/forward-train",
                                "{\"rank\": 0, \"step\": 0, \"count\": 3, \"mean\": [3, 4], \"m2\": [8, 8]}")
                        .expect(200);
        assertThat(trained.json().has("output")).isFalse();
        assertThat(trained.numbers("batch_var")[0]).isEqualTo(8.0 / 3);
        Answer gradients =
                client.post(
                                "/sync-groups/" + group + "/backward",
                                "{\"rank\": 0, \"step\": 0, \"sum_dy\": [0.9, 1.2], \"sum_dy_xmu\": [0.8, 0.8]}")
                        .expect(200);
        assertThat(gradients.numbers("grad_beta")).containsExactly(0.9, 1.2);
        assertThat(gradients.numbers("grad_gamma")[0])
                .isEqualTo(0.8 * (1 / Math.sqrt(8.0 / 3 + 1e-5)));
        client.send(
                        "POST",
                        "/sync-groups/" + group + "/forward-train",
                        "{\"rank\": 0, \"step\": 1, \"count\": 3, \"mean\": [3, 4], \"m2\": [8, 8]}"
                                .getBytes(StandardCharsets.UTF_8),
                        "Content-Type",
                        "application/json",
                        "Accept",
                        "application/x-npy")
                .expectProblem(406, "not-acceptable");
    }

    @Test
    void anAccumulationIsOneTrainingStepOfTheWholeBatch() throws Exception {
        String whole = client.layer("\"features\": 2");
        String parts = client.layer("\"features\": 2");
        Answer expected = client.train(whole, "[[1,2],[3,4],[5,7],[6,9]]");
        String id = accumulate(parts);
        add(id, "{\"chunk\": 1, \"input\": [[5,7]]}", 1, 1);
        add(id, "{\"chunk\": 0, \"input\": [[1,2],[3,4]]}", 2, 3);
        add(id, "{\"chunk\": 0, \"input\": [[1,2],[3,4]]}", 2, 3);
        add(id, "{\"count\": 1, \"mean\": [6,9], \"m2\": [0,0]}", 3, 4);
        client.post("/accumulations/" + id + "/add", "{\"chunk\": 0, \"input\": [[1,2]]}")
                .expectProblem(409, "part-conflict");
        assertThat(client.get(parts).field("num_batches_tracked").longValue()).isZero();

        Answer finished = finish(id, "{\"apply\": \"step\"}");
        assertThat(finished.numbers("running_mean"))
                .containsExactly(expected.numbers("running_mean"));
        assertThat(finished.numbers("running_var"))
                .containsExactly(expected.numbers("running_var"));
        assertThat(finish(id, "{\"apply\": \"step\"}").body()).isEqualTo(finished.body());
        assertThat(client.get(parts).field("num_batches_tracked").longValue()).isEqualTo(1);
        client.post("/accumulations/" + id + "/finish", INSTALL_APPLY)
                .expectProblem(409, "part-conflict");
        client.delete("/accumulations/" + id).expect(204);
        client.post("/accumulations/" + id + "/finish", INSTALL_APPLY)
                .expectProblem(410, "collective-gone");
    }

    @Test
    void aRecalibrationIsSeenOnlyWhenItIsFinished() throws Exception {
        String layer = client.layer("\"features\": 2");
        client.train(layer, "[[100,100],[300,300]]");
        String before = client.get(layer).body();
        String id = accumulate(layer);
        client.post("/accumulations/" + id + "/finish", INSTALL_APPLY)
                .expectProblem(409, "part-conflict");
        add(id, "{\"input\": [[1,2],[3,4]]}", 1, 2);
        add(id, "{\"input\": [[5,6]]}", 2, 3);
        assertThat(client.get(layer).body()).isEqualTo(before);
        finish(id, INSTALL_APPLY);
        Answer after = client.get(layer);
        assertThat(after.numbers("running_mean")).containsExactly(3, 4);
        assertThat(after.numbers("running_var")).as("unbiased").containsExactly(4, 4);
        assertThat(after.field("num_batches_tracked").longValue()).isEqualTo(2);
    }

    /// `fvcore.nn.precise_bn`: each chunk has equal weight, and its variance Bessel's correction.
    @Test
    void aRecalibrationMayAverageTheVariancesOfItsChunks() throws Exception {
        String layer = client.layer("\"features\": 1");
        String id = accumulate(layer);
        add(id, "{\"input\": [[0],[2]]}", 1, 2);
        add(id, "{\"input\": [[7],[8],[9]]}", 2, 5);
        String means = "{\"apply\": \"install\", \"policy\": \"mean_of_variances\"}";
        client.post(
                        "/accumulations/" + id + "/finish",
                        "{\"apply\": \"step\", \"policy\": \"mean_of_variances\"}")
                .expectProblem(400, "invalid-request");
        Answer finished = finish(id, means);
        assertThat(finished.numbers("running_mean")).containsExactly(4.5);
        assertThat(finished.numbers("running_var")).containsExactly(1.5);
        assertThat(finished.numbers("batch_mean")).as("of all values").containsExactly(5.2);
        assertThat(finish(id, means).body()).isEqualTo(finished.body());
        client.post("/accumulations/" + id + "/finish", INSTALL_APPLY)
                .expectProblem(409, "part-conflict");
        Answer after = client.get(layer);
        assertThat(after.numbers("running_var")).containsExactly(1.5);
        assertThat(after.field("num_batches_tracked").longValue()).isEqualTo(2);
    }

    /// The variances of the chunks are those of the kind that the layer averaged.
    @Test
    void anAverageOfVariancesIsNotInstalledAsAnotherKind() throws Exception {
        String layer = client.layer("\"features\": 1");
        String id = accumulate(layer);
        add(id, "{\"input\": [[0],[2]]}", 1, 2);
        client.patch(layer, "{\"running_variance\": \"biased\"}").expect(200);
        client.post(
                        "/accumulations/" + id + "/finish",
                        "{\"apply\": \"install\", \"policy\": \"mean_of_variances\"}")
                .expectProblem(422, "invalid-config");
        assertThat(finish(id, INSTALL_APPLY).numbers("running_var")).containsExactly(1);
    }

    @Test
    void statisticsAreMergedInstalledAndMergedIntoALayer() throws Exception {
        String layer = client.layer("\"features\": 1");
        String tag = client.get(layer).header("ETag");
        Answer installed =
                client.post(
                                layer + "/statistics",
                                "{\"count\": 2, \"mean\": [2], \"m2\": [2]}",
                                "If-Match",
                                tag)
                        .expect(200);
        assertThat(installed.numbers("running_var")).containsExactly(2);
        assertThat(installed.field("num_batches_tracked").longValue()).isEqualTo(1);
        client.post(
                        layer + "/statistics",
                        "{\"count\": 2, \"mean\": [2], \"var\": [1]}",
                        "If-Match",
                        tag)
                .expectProblem(412, "version-mismatch");
        Answer merged =
                client.post(
                                layer + "/statistics",
                                "{\"mode\": \"merge\", \"count\": 1, \"mean\": [5], \"var\": [0], \"running_count\": 2}")
                        .expect(200);
        assertThat(merged.numbers("running_mean")).containsExactly(3);
        assertThat(merged.numbers("running_var")).containsExactly(4);
        refused(layer, "{\"count\": 0, \"mean\": [0], \"m2\": [0]}", "invalid-moments");
        refused(layer, "{\"count\": 2, \"mean\": [0], \"m2\": [-1]}", "invalid-moments");
        refused(layer, "{\"count\": 2, \"mean\": [0, 1], \"m2\": [1, 1]}", "shape-mismatch");
    }

    @Test
    void frozenStatisticsStayAsTheyAre() throws IOException {
        String layer = client.layer("\"features\": 2, \"freeze_statistics\": true");
        client.post(layer + "/statistics", "{\"count\": 2, \"mean\": [2, 2], \"m2\": [2, 2]}")
                .expectProblem(409, "layer-frozen");
        forward(open(layer, 1, 30), 0, 0, 2).expectProblem(422, "invalid-config");
    }

    private void refused(String layer, String body, String slug) throws IOException {
        client.post(layer + "/statistics", body).expectProblem(422, slug);
    }

    private String accumulate(String layer) throws IOException {
        return client.send("POST", layer + "/accumulations", null)
                .expect(201)
                .field("accumulation_id")
                .stringValue();
    }

    private void add(String id, String body, int chunks, int count) throws IOException {
        Answer answer = client.post("/accumulations/" + id + "/add", body).expect(200);
        assertThat(answer.field("chunks").intValue()).isEqualTo(chunks);
        assertThat(answer.field("count").intValue()).isEqualTo(count);
    }

    private Answer finish(String id, String body) throws IOException {
        return client.post("/accumulations/" + id + "/finish", body).expect(200);
    }

    private String open(String layer, int size, double timeout) throws IOException {
        return client.post(
                        layer + "/sync-groups",
                        "{\"size\": %d, \"timeout_seconds\": %s}".formatted(size, timeout))
                .expect(201)
                .field("group_id")
                .stringValue();
    }

    private List<Callable<Answer>> forwards(String group, int size, int step, int rows) {
        List<Callable<Answer>> work = new ArrayList<>();
        for (int rank = 0; rank < size; rank++) {
            int member = rank;
            work.add(() -> forward(group, member, step, rows));
        }
        return work;
    }

    private Answer forward(String group, int rank, int step, int rows) throws IOException {
        return client.post(
                "/sync-groups/" + group + "/forward-train",
                "{\"rank\": %d, \"step\": %d, \"input\": %s}"
                        .formatted(rank, step, matrix(rank, rows)));
    }

    private List<Callable<Answer>> backwards(String group, int size, int step, int rows) {
        List<Callable<Answer>> work = new ArrayList<>();
        for (int rank = 0; rank < size; rank++) {
            int member = rank;
            work.add(() ->
                    client.post(
                            "/sync-groups/" + group + "/backward",
                            "{\"rank\": %d, \"step\": %d, \"grad_output\": %s}"
                                    .formatted(member, step, matrix(member + 1, rows))));
        }
        return work;
    }

    private static String matrix(int rank, int rows) {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < rows; i++) {
            all.add(String.format(Locale.ROOT, "[%.6f, %.6f]", rank + i * 0.25, rank * 0.5 - i));
        }
        return all.toString();
    }

    private static List<Answer> all(int threads, List<Callable<Answer>> work) throws Exception {
        try (ExecutorService pool =
                Executors.newFixedThreadPool(threads, Thread.ofVirtual().factory())) {
            List<Answer> answers = new ArrayList<>();
            for (Future<Answer> future : pool.invokeAll(work)) {
                answers.add(future.get());
            }
            return answers;
        }
    }
}
