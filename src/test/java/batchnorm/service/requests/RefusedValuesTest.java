package batchnorm.service.requests;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.Parallel;
import batchnorm.service.ServiceUnderTest;
import batchnorm.service.Wire;
import batchnorm.storage.PostgresServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Tests values that a database would reject or store differently. Both stores reject them alike at
/// the API's boundary, and concurrent steps of other clients succeed.
@ExtendWith(ServiceUnderTest.Shared.class)
class RefusedValuesTest {
    private static final int TRAINERS = 4;
    private static final int STEPS = 25;
    private static final String STEP = "{\"input\": [[1, 2], [3, 4]], \"save_context\": false}";

    private final Client client;

    RefusedValuesTest(Client client) {
        this.client = client;
    }

    @ParameterizedTest
    @CsvSource({
        "ab\\u0000c, U+0000, 2",
        "\\u0000, U+0000, 0",
        "a\\nb, U+000A, 1",
        "abc\\u007f, U+007F, 3",
        "\\ud83d\\ude00\\u0085, U+0085, 1"
    })
    void aLabelWithAControlCharacterIsRefusedWithItsIndex(String label, String shown, int index)
            throws IOException {
        Answer refused =
                client.post(
                                client.layer("\"features\": 2") + "/snapshots",
                                "{\"label\": \"" + label + "\"}")
                        .expectProblem(400, "invalid-request");
        assertThat(refused.field("field").stringValue()).isEqualTo("label");
        assertThat(refused.detail()).contains("label", shown, "index " + index);
    }

    @Test
    void aLabelOfHalfASurrogatePairIsRefused() throws IOException {
        String snapshots = client.layer("\"features\": 2") + "/snapshots";
        client.post(snapshots, "{\"label\": \"a\\ud800\"}").expectProblem(400, "malformed-json");
        client.post(snapshots, "{\"label\": \"\\udc00b\"}").expectProblem(400, "malformed-json");
        client.post(snapshots, "{\"label\": \"\\ud83d\\ude00\"}").expect(201);
    }

    @Test
    void noStepOfOtherClientsFailsBesideThemOnTheEmbeddedStore() throws Exception {
        noStepFails(client);
    }

    @Test
    void noStepOfOtherClientsFailsBesideThemOnPostgres() throws Exception {
        String url = PostgresServer.url(PostgresServer.newDatabase());
        try (ServiceUnderTest service = new ServiceUnderTest("BATCHNORM_DATABASE_URL=" + url)) {
            noStepFails(service.client());
        }
    }

    private static void noStepFails(Client client) throws Exception {
        List<String> layers = new ArrayList<>();
        for (int i = 0; i < TRAINERS; i++) {
            layers.add(client.layer("\"features\": 2"));
        }
        AtomicBoolean training = new AtomicBoolean(true);
        List<List<Integer>> statuses =
                Parallel.run(
                        TRAINERS + 1,
                        number -> {
                            if (number < TRAINERS) {
                                return train(client, layers.get(number), training);
                            }
                            return refusals(client, layers, training);
                        });
        List<Integer> refusals = statuses.removeLast();
        assertThat(statuses.stream().flatMap(List::stream))
                .hasSize(TRAINERS * STEPS)
                .containsOnly(200);
        assertThat(refusals).isNotEmpty().allMatch(status -> status / 100 == 4);
        for (String layer : layers) {
            assertThat(client.get(layer).field("num_batches_tracked").longValue()).isEqualTo(STEPS);
            assertThat(client.get(layer + "/snapshots").field("snapshots")).isEmpty();
        }
    }

    private static List<Integer> train(Client client, String layer, AtomicBoolean training)
            throws IOException {
        List<Integer> statuses = new ArrayList<>();
        try {
            for (int step = 0; step < STEPS; step++) {
                statuses.add(
                        client.post(
                                        layer + "/forward-train",
                                        STEP,
                                        "Idempotency-Key",
                                        "step-" + step)
                                .status());
            }
        } finally {
            training.set(false);
        }
        return statuses;
    }

    private static List<Integer> refusals(
            Client client, List<String> layers, AtomicBoolean training) throws IOException {
        List<Integer> statuses = new ArrayList<>();
        do {
            for (String layer : layers) {
                statuses.addAll(refused(client, layer));
            }
        } while (training.get());
        return statuses;
    }

    /// Every text of a request that may reach the database.
    private static List<Integer> refused(Client client, String layer) throws IOException {
        List<Integer> statuses = new ArrayList<>();
        String model = layer.replace("/layers/", "//v2/models/");
        for (String text : List.of("\\u0000", "a\\u0000b", "\\ud800", "a".repeat(20_000))) {
            for (String[] post :
                    new String[][] {
                        {layer + "/snapshots", "{\"label\": \"%s\"}"},
                        {"/layers", "{\"name\": \"%s\"}"},
                        {"/layers", "{\"name\": \"new\", \"convention\": \"%s\"}"},
                        {
                            layer + "/apply-gradients",
                            "{\"grad_gamma\": [1, 1], \"grad_beta\": [1, 1], \"optimizer\": {\"kind\": \"%s\"}}"
                        },
                        {
                            model + "/infer",
                            "{\"id\": \"%s\", \"parameters\": {\"operation\": \"forward-train\"}, \"inputs\":"
                                    + " [{\"name\": \"input\", \"datatype\": \"FP32\", \"shape\": [2, 2], \"data\":"
                                    + " [1, 2, 3, 4]}]}"
                        }
                    }) {
                statuses.add(client.post(post[0], post[1].formatted(text)).status());
            }
        }
        statuses.add(client.post(layer + "/snapshots", label(129)).status());
        Stream.of("a\tb", "k".repeat(256), "a b", "\u00e9")
                .map(key -> key(client, layer, key))
                .forEach(statuses::add);
        return statuses;
    }

    private static String label(int length) {
        return "{\"label\": \"" + "x".repeat(length) + "\"}";
    }

    private static int key(Client client, String layer, String key) {
        try {
            return new Wire(client)
                    .post(
                            "/api/v1" + layer + "/forward-train",
                            STEP.getBytes(StandardCharsets.US_ASCII),
                            "Content-Type: application/json",
                            "Idempotency-Key: \"" + key + "\"")
                    .status();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
