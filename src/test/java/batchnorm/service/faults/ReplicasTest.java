package batchnorm.service.faults;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.fixtures.RandomSeed;
import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceProcess;
import batchnorm.storage.PostgresProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Two service processes on one PostgreSQL server, behind networks that lose 30 % of their
/// responses. During the work one of them is killed, and then the database.
@Tag("slow")
@Tag("fault")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReplicasTest {
    private static final int STEPS = Integer.getInteger("batchnorm.replicas.steps", 400);
    private static final int CLIENTS = 16;
    private static final double LOSS = 0.3;
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String INPUT = "[[1,2],[3,5],[5,7]]";
    private static final String TRAIN = "{\"input\": %s}".formatted(INPUT);

    private PostgresProcess database;
    private final List<ServiceProcess> replicas = new ArrayList<>();
    private final List<LossyProxy> networks = new ArrayList<>();
    private Path directory;

    @BeforeAll
    void start(@TempDir Path temporary) throws Exception {
        directory = temporary;
        database = new PostgresProcess(directory);
        for (int i = 0; i < 2; i++) {
            ServiceProcess replica =
                    new ServiceProcess(
                            directory.resolve("service-" + i + ".log"),
                            Map.of("BATCHNORM_DATABASE_URL", database.url()));
            replicas.add(replica);
            replica.awaitReady(); // one migrates, the other finds the schema current
            networks.add(new LossyProxy(replica.port(), LOSS));
        }
    }

    @AfterAll
    void stop() throws Exception {
        for (ServiceProcess replica : replicas) {
            replica.close();
        }
        for (LossyProxy network : networks) {
            network.close();
        }
        database.close();
    }

    private Client here() {
        return replicas.getFirst().client();
    }

    private Client there() {
        return replicas.getLast().client();
    }

    @Test
    void everyStepIsCountedOnceWhateverIsLostOrKilled() throws Exception {
        String layer = here().layer("\"features\": 2");
        Answer before = here().get(layer).expect(200);
        AtomicInteger done = new AtomicInteger();
        try (StepLog log = new StepLog(directory.resolve("steps.jsonl"));
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> clients = new ArrayList<>();
            for (int number = 0; number < CLIENTS; number++) {
                clients.add(threads.submit(work(layer, number, log, done)));
            }
            await(done, STEPS / 4);
            replicas.getLast().kill();
            await(done, STEPS / 2);
            replicas.getLast().startAgain();
            await(done, 3 * STEPS / 4);
            database.kill();
            database.startAgain();
            for (Future<?> client : clients) {
                client.get();
            }
            // It may have been starting when the database failed.
            replicas.getLast().startUntilReady();
            Answer after = there().get(layer).expect(200);
            assertThat(after.field("num_batches_tracked").longValue()).isEqualTo(steps() * CLIENTS);
            assertThat(after.body()).isEqualTo(here().get(layer).body());
            assertThat(log.violations(before, after)).isEmpty();
            assertThat(networks).allMatch(network -> network.dropped() > 0);
        }
    }

    private static long steps() {
        return STEPS / CLIENTS;
    }

    private static void await(AtomicInteger done, int minimum) throws InterruptedException {
        Instant giveUp = Instant.now().plus(PATIENCE).plusMillis(STEPS * 30L);
        while (done.get() < minimum && Instant.now().isBefore(giveUp)) {
            Thread.sleep(10);
        }
        assertThat(done.get()).as("steps").isGreaterThanOrEqualTo(minimum);
    }

    private Callable<Void> work(String layer, int number, StepLog log, AtomicInteger done) {
        Random random = RandomSeed.random(number);
        return () -> {
            for (int i = 0; i < steps(); i++) {
                double[] x = random.doubles(6, -100, 100).toArray();
                String body =
                        "{\"save_context\": false, \"input\": [[%s,%s],[%s,%s],[%s,%s]]}"
                                .formatted(x[0], x[1], x[2], x[3], x[4], x[5]);
                String key = number + "-" + i;
                long begun = System.nanoTime();
                log.add(key, begun, persist(layer, body, key, number));
                done.incrementAndGet();
            }
            return null;
        };
    }

    /// Sends a request to the replicas in turn until one responds.
    private Answer persist(String layer, String body, String key, int first) throws Exception {
        Instant giveUp = Instant.now().plus(PATIENCE);
        String last = "";
        for (int attempt = first; Instant.now().isBefore(giveUp); attempt++) {
            Client client = new Client(networks.get(attempt % networks.size()).port());
            try {
                Answer answer = client.post(layer + "/forward-train", body, "Idempotency-Key", key);
                if (answer.status() == 200) {
                    return answer;
                }
                last = answer.body();
                assertThat(answer.status()).as(last).isIn(409, 503);
                assertThat(answer.header("Retry-After")).as(last).isNotEmpty();
            } catch (IOException lost) {
                last = lost.toString();
            }
            Thread.sleep(20);
        }
        throw new AssertionError("no response to " + key + ": " + last);
    }

    @Test
    void aContextBelongsToTheReplicaThatMadeIt() throws IOException {
        String layer = here().layer("\"features\": 2");
        Answer forward = here().train(layer, INPUT);
        Answer elsewhere =
                there().post(layer + "/backward", backward(forward))
                        .expectProblem(409, "context-elsewhere");
        assertThat(elsewhere.detail()).contains("the replica that ran", "input", "mode");
        Answer gradients = here().backward(layer, forward, INPUT);
        assertThat(
                        there().post(
                                        layer + "/backward",
                                        "{\"input\": %1$s, \"grad_output\": %1$s, \"mode\": \"train\"}"
                                                .formatted(INPUT))
                                .expect(200)
                                .body())
                .as("stateless, anywhere")
                .isEqualTo(gradients.body());
    }

    @Test
    void aRetryOnAnotherReplicaIsTheSameStepAndBringsItsContext() throws IOException {
        String layer = here().layer("\"features\": 2");
        String train = layer + "/forward-train";
        Answer first = here().post(train, TRAIN, "Idempotency-Key", "k").expect(200);
        Answer again = there().post(train, TRAIN, "Idempotency-Key", "k").expect(200);
        assertThat(again.header("Idempotency-Replayed")).isEqualTo("true");
        assertThat(again.body()).isEqualTo(first.body());
        assertThat(there().backward(layer, again, INPUT).body())
                .isEqualTo(here().backward(layer, first, INPUT).body());
    }

    @Test
    void everyReplicaSeesWhatAnyHasAcknowledged() throws IOException {
        String layer = here().layer("\"features\": 2");
        for (int i = 0; i < 20; i++) {
            Client writer = i % 2 == 0 ? here() : there();
            Client reader = i % 2 == 0 ? there() : here();
            Answer step = writer.train(layer, INPUT);
            Answer seen = reader.get(layer).expect(200);
            assertThat(seen.header("ETag")).isEqualTo(step.header("ETag"));
            assertThat(seen.field("running_var")).isEqualTo(step.field("running_var"));
        }
    }

    @Test
    void theDatabaseMakesItsOwnBackups() throws IOException {
        here().get("//actuator/backup").expectProblem(404, "not-found");
    }

    /// The same replica, because its address has not changed.
    @Test
    void aContextIsGoneWhenItsReplicaWasRestarted() throws Exception {
        String layer = there().layer("\"features\": 2");
        Answer forward = there().train(layer, INPUT);
        replicas.getLast().kill();
        replicas.getLast().startAgain();
        replicas.getLast().awaitReady();
        there().post(layer + "/backward", backward(forward)).expectProblem(410, "context-gone");
    }

    private static String backward(Answer forward) {
        return "{\"context_id\": %s, \"grad_output\": %s}"
                .formatted(forward.field("context_id"), INPUT);
    }
}
