package batchnorm.service.faults;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.layer.LayerStore;
import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import batchnorm.storage.FaultyNetwork;
import batchnorm.storage.FullDisk;
import batchnorm.storage.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tests the responses of the service when its store fails.
@Tag("fault")
class StoreFailuresTest {
    private static final String LIVENESS = "//actuator/health/liveness";
    private static final String READINESS = "//actuator/health/readiness";
    private static final String TRAIN = "{\"input\": [[1,2],[3,5]], \"save_context\": false}";

    @Test
    void aFullDiskRefusesWritesAndIsForgottenWhenThereIsRoomAgain() throws Exception {
        try (ServiceUnderTest service = new ServiceUnderTest()) {
            Client client = service.client();
            String layer = client.layer("\"features\": 2");
            LayerStore store = service.application().getBean("store", LayerStore.class);
            FullDisk.under(store);
            String large = "{\"name\": \"large\", \"features\": 100000}";
            Answer refused = client.post("/layers", large).expectProblem(507, "storage-full");
            assertThat(refused.detail()).contains("nothing was changed", "reads go on");
            client.get("/layers/large").expectProblem(404, "layer-not-found");
            client.infer(layer, "[[1,2]]");
            client.get("/layers").expect(200);
            client.get(READINESS).expect(503);
            client.get(LIVENESS).expect(200);
            FullDisk.emptied(store);
            client.post("/layers", large).expect(201);
            client.get(READINESS).expect(200);
        }
    }

    @Test
    void aCommitThatFailsStopsTheStoreButNotItsReaders(@TempDir Path data) throws Exception {
        try (ServiceUnderTest service = ServiceUnderTest.in(data)) {
            Client client = service.client();
            String layer = client.layer("\"features\": 2");
            client.get(LIVENESS).expect(200);
            client.get(READINESS).expect(200);
            Faults.failEveryCommit(data.resolve("batchnorm.db"));
            Answer unknown =
                    client.post(layer + "/forward-train", TRAIN)
                            .expectProblem(503, "commit-outcome-unknown");
            assertThat(unknown.header("Retry-After")).isNotEmpty();
            assertThat(unknown.detail()).contains("Idempotency-Key");
            Answer stopped =
                    client.post(layer + "/forward-train", TRAIN)
                            .expectProblem(503, "store-unavailable");
            assertThat(stopped.header("Retry-After")).isNotEmpty();
            client.infer(layer, "[[1,2]]");
            client.get(LIVENESS).expect(503);
            client.get(READINESS).expect(503);
        }
    }

    @Test
    void anAnswerToACommitThatIsLostIsAnOutcomeUnknown() throws Exception {
        try (FaultyNetwork network = new FaultyNetwork(PostgresServer.port());
                ServiceUnderTest service =
                        new ServiceUnderTest(
                                "BATCHNORM_DATABASE_URL="
                                        + PostgresServer.url(
                                                PostgresServer.newDatabase(), network.port()))) {
            Client client = service.client();
            String step = client.layer("\"features\": 2") + "/forward-train";
            network.loseCommits(1);
            Answer unknown =
                    client.post(step, TRAIN, "Idempotency-Key", "k")
                            .expectProblem(503, "commit-outcome-unknown");
            assertThat(unknown.header("Retry-After")).isNotEmpty();
            network.loseCommits(0);
            Answer again = client.post(step, TRAIN, "Idempotency-Key", "k").expect(200);
            assertThat(again.header("Idempotency-Replayed")).isEqualTo("true");
            assertThat(again.field("num_batches_tracked").longValue()).isEqualTo(1);
        }
    }

    @Test
    void aReplicaIsReadyWhileItsDatabaseAnswers() throws Exception {
        try (FaultyNetwork network = new FaultyNetwork(PostgresServer.port());
                ServiceUnderTest service =
                        new ServiceUnderTest(
                                "BATCHNORM_DATABASE_URL="
                                        + PostgresServer.url(
                                                PostgresServer.newDatabase(), network.port()))) {
            Client client = service.client();
            client.get(READINESS).expect(200);
            network.cut();
            client.get(READINESS).expect(503);
            client.get(LIVENESS).expect(200); // a restart would not help
        }
    }

    @Test
    void aDamagedLayerHurtsNoOther(@TempDir Path directory) throws Exception {
        Path data = Files.createDirectory(directory.resolve("data"));
        Path kept = directory.resolve("kept.db");
        String damaged;
        String sound;
        try (ServiceUnderTest service = ServiceUnderTest.in(data)) {
            damaged = service.client().layer("\"features\": 2");
            sound = service.client().layer("\"features\": 2");
            backUp(data.resolve("batchnorm.db"), kept);
        }
        damage(kept, damaged.substring("/layers/".length()));
        Files.createDirectory(data);
        Files.move(kept, data.resolve("batchnorm.db"));
        try (ServiceUnderTest service = ServiceUnderTest.in(data)) {
            Client client = service.client();
            client.get(damaged).expectProblem(500, "layer-corrupt");
            client.post(damaged + "/forward-train", TRAIN).expectProblem(500, "layer-corrupt");
            client.post(sound + "/forward-train", TRAIN).expect(200);
            client.delete(damaged).expect(204);
            client.get(damaged).expectProblem(404, "layer-not-found");
        }
    }

    private static void backUp(Path database, Path target) throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
                Statement statement = connection.createStatement()) {
            statement.execute("VACUUM INTO '" + target + "'");
        }
    }

    private static void damage(Path database, String layer) throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
                Statement statement = connection.createStatement()) {
            assertThat(
                            statement.executeUpdate(
                                    "UPDATE layers SET running_var = zeroblob(16) WHERE name = '"
                                            + layer
                                            + "'"))
                    .isEqualTo(1);
        }
    }
}
