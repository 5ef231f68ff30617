package batchnorm.service.collectives;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.Parallel;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Aggregation of layers and of states from elsewhere, over HTTP.
@ExtendWith(ServiceUnderTest.Shared.class)
class AggregationOverHttpTest {
    private final Client client;

    AggregationOverHttpTest(Client client) {
        this.client = client;
    }

    @Test
    void aLayerBecomesThePoolOfItsSources() throws IOException {
        String first = state("[0, 1]", "[1, 1]", "[1, 1]", "[0, 0]", 3);
        String second = state("[4, 1]", "[5, 3]", "[3, 1]", "[0, 4]", 2);
        String target = client.layer("");
        Answer pooled = aggregate(target, sources(first, second) + ", \"weights\": [3, 1]");
        assertThat(pooled.numbers("running_mean")).containsExactly(1, 1);
        assertThat(pooled.numbers("running_var")).containsExactly(5, 1.5);
        assertThat(pooled.numbers("gamma")).containsExactly(1.5, 1);
        assertThat(pooled.numbers("beta")).containsExactly(0, 1);
        assertThat(pooled.field("num_batches_tracked").longValue()).isEqualTo(5);
        assertThat(pooled.field("version").intValue()).isEqualTo(2);
        Answer now = client.get(target);
        assertThat(now.body()).isEqualTo(pooled.body());
        assertThat(now.header("ETag")).isEqualTo(pooled.header("ETag"));
    }

    @Test
    void everyPolicyIsItsRule() throws IOException {
        String first = state("[0, 1]", "[1, 1]", "[1, 1]", "[0, 0]", 3);
        String second = state("[4, 1]", "[5, 3]", "[3, 1]", "[0, 4]", 2);
        String both = sources(first, second);
        String target = state("[9, 9]", "[9, 9]", "[9, 9]", "[9, 9]", 9);
        Answer means = aggregate(target, both + ", \"policy\": \"mean_of_variances\"");
        assertThat(means.numbers("running_var")).containsExactly(3, 2);
        Answer largest =
                aggregate(
                        target,
                        both
                                + ", \"policy\": \"statistics_of_largest\", \"weights\": [1, 2],"
                                + " \"counters\": \"max\"");
        assertThat(largest.numbers("running_var")).containsExactly(5, 3);
        assertThat(largest.field("num_batches_tracked").longValue()).isEqualTo(3);
        client.patch(target, "{\"gamma\": [9, 9], \"num_batches_tracked\": 7}").expect(200);
        Answer kept =
                aggregate(target, both + ", \"parameters\": \"keep\", \"counters\": \"keep\"");
        assertThat(kept.numbers("gamma")).containsExactly(9, 9);
        assertThat(kept.field("num_batches_tracked").longValue()).isEqualTo(7);
        Answer parameters =
                aggregate(target, both + ", \"policy\": \"keep\", \"counters\": \"keep\"");
        assertThat(parameters.numbers("gamma")).containsExactly(2, 1);
        assertThat(parameters.numbers("running_var")).containsExactly(kept.numbers("running_var"));
    }

    /// Federated averaging in place, as with a global model that is a participant.
    @Test
    void theLayerItselfMayBeASource() throws IOException {
        String own = state("[0, 0]", "[1, 1]", "[1, 1]", "[0, 0]", 1);
        String other = state("[2, 2]", "[1, 1]", "[1, 1]", "[0, 0]", 1);
        Answer pooled = aggregate(own, sources(own, other));
        assertThat(pooled.numbers("running_mean")).containsExactly(1, 1);
        assertThat(pooled.numbers("running_var")).containsExactly(2, 2);
    }

    @Test
    void statesFromElsewhereNeedNoLayers() throws IOException {
        String target = client.layer("\"features\": 1");
        Answer pooled =
                aggregate(
                        target,
                        "\"parts\": [{\"running_mean\": [0], \"running_var\": [1], \"weight\": 3},"
                                + " {\"running_mean\": [4], \"running_var\": [5], \"weight\": 1}]");
        assertThat(pooled.numbers("running_mean")).containsExactly(1);
        assertThat(pooled.numbers("running_var")).containsExactly(5);
        assertThat(pooled.numbers("gamma")).as("no part has one").containsExactly(1);
        assertThat(pooled.field("num_batches_tracked").longValue()).isZero();
    }

    @Test
    void aRetryReturnsTheSameThoughTheSourcesHaveChanged() throws IOException {
        String source = state("[1, 1]", "[1, 1]", "[1, 1]", "[0, 0]", 1);
        String target = client.layer("\"features\": 2");
        String path = target + "/aggregate";
        String body = "{" + sources(source) + "}";
        Answer first = client.post(path, body, "Idempotency-Key", "round-1").expect(200);
        client.train(source, "[[1,2],[3,4]]");
        client.train(target, "[[1,2],[3,4]]");
        Answer again = client.post(path, body, "Idempotency-Key", "round-1").expect(200);
        assertThat(again.body()).isEqualTo(first.body());
        assertThat(again.header("ETag")).isEqualTo(first.header("ETag"));
        assertThat(again.header("Idempotency-Replayed")).isEqualTo("true");
        client.delete(source).expect(204);
        assertThat(client.post(path, body, "Idempotency-Key", "round-1").expect(200).body())
                .isEqualTo(first.body());
        assertThat(client.get(target).field("version").intValue()).isEqualTo(3);
        client.post(path, body.replace("]", "], \"weights\": [2]"), "Idempotency-Key", "round-1")
                .expectProblem(422, "idempotency-key-reused");
    }

    @Test
    void ifMatchKeepsALayerThatHasMoved() throws IOException {
        String source = state("[1, 1]", "[1, 1]", "[1, 1]", "[0, 0]", 1);
        String target = client.layer("\"features\": 2");
        String tag = client.get(target).header("ETag");
        String body = "{" + sources(source) + "}";
        client.post(target + "/aggregate", body, "If-Match", tag).expect(200);
        client.post(target + "/aggregate", body, "If-Match", tag)
                .expectProblem(412, "version-mismatch");
    }

    /// Client 0 advances both sources, then trains the target, so the versions of the target order
    /// its rounds and the aggregations of the other clients.
    @Test
    void sourcesAreReadAtTheMomentOfTheVersionAndNoVersionIsLost() throws Exception {
        String first = state("[0, 0]", "[1, 1]", "[1, 1]", "[0, 0]", 0);
        String second = state("[0, 0]", "[1, 1]", "[1, 1]", "[0, 0]", 0);
        String target = client.layer("\"features\": 2");
        String body = sources(first, second) + ", \"counters\": \"keep\"";
        int rounds = 30;
        List<List<Answer>> changes =
                Parallel.run(
                        4,
                        number -> {
                            List<Answer> made = new ArrayList<>();
                            for (int round = 1; round <= rounds; round++) {
                                if (number == 0) {
                                    install(first, round + ", 0");
                                    install(second, "0, " + round);
                                    made.add(client.train(target, "[[1,2],[3,4]]"));
                                } else {
                                    made.add(aggregate(target, body));
                                }
                            }
                            return made;
                        });
        assertThat(
                        changes.stream()
                                .flatMap(List::stream)
                                .map(AggregationOverHttpTest::version)
                                .sorted())
                .as("each change is a version of its own")
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(2, 1 + 4L * rounds).boxed().toList());
        for (List<Answer> ofClient : changes) {
            assertThat(ofClient.stream().map(AggregationOverHttpTest::version)).isSorted();
        }
        for (Answer pooled : changes.stream().skip(1).flatMap(List::stream).toList()) {
            double before =
                    changes.getFirst().stream()
                            .filter(step -> version(step) < version(pooled))
                            .count();
            double[] mean = pooled.numbers("running_mean");
            assertThat(new double[] {2 * mean[0], 2 * mean[1]})
                    .as("rounds of the sources, with %s rounds before", before)
                    .satisfiesAnyOf(
                            read -> assertThat(read).containsExactly(before, before),
                            read -> assertThat(read).containsExactly(before + 1, before),
                            read -> assertThat(read).containsExactly(before + 1, before + 1));
        }
        assertThat(client.get(target).field("num_batches_tracked").longValue()).isEqualTo(rounds);
    }

    private static long version(Answer answer) {
        return answer.field("version").longValue();
    }

    private void install(String layer, String mean) throws IOException {
        client.post(
                        layer + "/statistics",
                        "{\"count\": 2, \"mean\": [%s], \"m2\": [1, 1]}".formatted(mean))
                .expect(200);
    }

    private String state(String mean, String variance, String gamma, String beta, long batches)
            throws IOException {
        return client.layer(
                "\"running_mean\": %s, \"running_var\": %s, \"gamma\": %s, \"beta\": %s, \"num_batches_tracked\": %d"
                        .formatted(mean, variance, gamma, beta, batches));
    }

    private static String sources(String... layers) {
        List<String> names = new ArrayList<>();
        for (String layer : layers) {
            names.add('"' + layer.substring("/layers/".length()) + '"');
        }
        return "\"sources\": " + names;
    }

    private Answer aggregate(String layer, String fields) throws IOException {
        return client.post(layer + "/aggregate", "{" + fields + "}").expect(200);
    }
}
