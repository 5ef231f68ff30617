package batchnorm.service.faults;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Tests the service as a process that is killed without warning during its work and restarted.
@Tag("slow")
@Tag("fault")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RestartTest {
    private static final String INPUT = "[[1,2],[3,5],[5,7]]";
    private static final String TRAIN = "{\"input\": %s}".formatted(INPUT);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int CLIENTS = 4;
    private static final int STEPS = 200;

    private ServiceProcess service;
    private Client client;

    private final ConcurrentSkipListMap<Long, Answer> acknowledged = new ConcurrentSkipListMap<>();
    private Answer layer;
    private Answer forward;
    private Answer keyed;

    @BeforeAll
    void workAndKillAndStartAgain(@TempDir Path directory) throws Exception {
        service =
                new ServiceProcess(
                        directory.resolve("service.log"),
                        Map.of("BATCHNORM_DATA_DIR", directory.resolve("layers").toString()));
        service.awaitReady();
        client = service.client();
        create("quiet", "pytorch");
        forward = client.train("/layers/quiet", INPUT);
        layer = client.patch("/layers/quiet", "{\"gamma\": [0.5, 2]}").expect(200);
        create("keyed", "keras");
        keyed =
                client.post("/layers/keyed/forward-train", TRAIN, "Idempotency-Key", "k")
                        .expect(200);
        create("warm", "mxnet");
        client.train("/layers/warm", INPUT);
        create("deleted", "onnx");
        client.delete("/layers/deleted").expect(204);
        create("busy", "pytorch");
        try (ExecutorService threads = Executors.newFixedThreadPool(CLIENTS)) {
            for (int i = 0; i < CLIENTS; i++) {
                threads.execute(this::trainUntilItDies);
            }
            Instant giveUp = Instant.now().plus(PATIENCE);
            while (acknowledged.size() < STEPS && Instant.now().isBefore(giveUp)) {
                Thread.sleep(5);
            }
            service.kill();
        }
        service.startAgain();
        service.awaitReady();
    }

    private void create(String name, String convention) throws IOException {
        client.post(
                        "/layers",
                        "{\"name\": \"%s\", \"convention\": \"%s\", \"features\": 2}"
                                .formatted(name, convention))
                .expect(201);
    }

    @AfterAll
    void stop() {
        service.close();
    }

    @Test
    void layersAreAsTheyWere() throws IOException {
        Answer after = client.get("/layers/quiet").expect(200);
        assertThat(after.body()).isEqualTo(layer.body());
        assertThat(after.header("ETag")).isEqualTo(layer.header("ETag"));
    }

    @Test
    void deletedLayersStayDeleted() throws IOException {
        client.get("/layers/deleted").expectProblem(404, "layer-not-found");
    }

    @Test
    void noAcknowledgedStepIsLost() throws IOException {
        assertThat(acknowledged).hasSizeGreaterThanOrEqualTo(STEPS);
        Answer stored = client.get("/layers/busy").expect(200);
        long steps = stored.field("num_batches_tracked").longValue();
        // A step in flight, one per client, may be committed without a response.
        long least = acknowledged.size();
        assertThat(steps).isBetween(least, least + CLIENTS);
        Answer last = acknowledged.lastEntry().getValue();
        assertThat(last.field("num_batches_tracked").longValue()).isLessThanOrEqualTo(steps);
        if (stored.field("version").equals(last.field("version"))) {
            assertThat(stored.numbers("running_var")).containsExactly(last.numbers("running_var"));
        }
    }

    @Test
    void aRetryOfAStepBeforeTheRestartIsNotASecondOne() throws IOException {
        Answer retry =
                client.post("/layers/keyed/forward-train", TRAIN, "Idempotency-Key", "k")
                        .expect(200);
        assertThat(retry.field("version")).isEqualTo(keyed.field("version"));
        assertThat(retry.numbers("output")).containsExactly(keyed.numbers("output"));
        assertThat(client.get("/layers/keyed").field("num_batches_tracked").longValue())
                .isEqualTo(1);
    }

    @Test
    void contextsAreGone() throws IOException {
        String backward =
                "{\"context_id\": %s, \"grad_output\": %s}"
                        .formatted(forward.field("context_id"), INPUT);
        client.post("/layers/quiet/backward", backward).expectProblem(410, "context-gone");
    }

    @Test
    void trainingGoesOnWhereItWas() throws IOException {
        create("onward", "pytorch");
        client.train("/layers/onward", INPUT);
        Answer before = client.get("/layers/warm").expect(200);
        Answer step = client.train("/layers/warm", INPUT);
        assertThat(step.field("version").longValue())
                .isEqualTo(before.field("version").longValue() + 1);
        assertThat(step.field("num_batches_tracked").longValue())
                .isEqualTo(before.field("num_batches_tracked").longValue() + 1);
    }

    private void trainUntilItDies() {
        String body = "{\"input\": %s, \"save_context\": false}".formatted(INPUT);
        try {
            while (true) {
                Answer step = client.post("/layers/busy/forward-train", body).expect(200);
                acknowledged.put(step.field("version").longValue(), step);
            }
        } catch (IOException killed) {
            // as meant
        }
    }
}
