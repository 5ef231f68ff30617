package batchnorm.service.faults;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.layer.LayerStore;
import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import batchnorm.storage.FaultyNetwork;
import batchnorm.storage.FullDisk;
import batchnorm.storage.PostgresServer;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import tools.jackson.databind.JsonNode;

/// Tests what an operator sees of a failing store: log lines, health with its reason, and metrics.
@Tag("fault")
@ExtendWith(OutputCaptureExtension.class)
class StoreStateTest {
    private static final String LIVENESS = "//actuator/health/liveness";
    private static final String READINESS = "//actuator/health/readiness";
    private static final String TRAIN = "{\"input\": [[1,2],[3,5]], \"save_context\": false}";
    private static final String LARGE = "{\"name\": \"large\", \"features\": 100000}";

    @Test
    void aFullDisk(CapturedOutput output) throws Exception {
        try (ServiceUnderTest service = new ServiceUnderTest()) {
            Client client = service.client();
            client.layer("\"features\": 2");
            assertThat(ready(client, "full")).isEqualTo(1);
            LayerStore store = service.application().getBean("store", LayerStore.class);
            FullDisk.under(store);
            Answer failed = client.post("/layers", LARGE).expectProblem(507, "storage-full");
            expect("store-full", failed, client, "for lack of space");
            await(output, "store-full", ".*for lack of space");
            assertThat(ready(client, "full")).isZero();
            assertThat(ready(client, "stopped")).isEqualTo(1);
            FullDisk.emptied(store);
            client.post("/layers", LARGE).expect(201);
            client.get(READINESS).expect(200);
            await(output, "store-ready", " [0-9.]+ s; it was full");
            assertThat(ready(client, "full")).isEqualTo(1);
            assertThat(count(output, "the store is full")).isEqualTo(1);
        }
    }

    @Test
    void aFailedCommit(CapturedOutput output, @TempDir Path data) throws Exception {
        try (ServiceUnderTest service = ServiceUnderTest.in(data)) {
            Client client = service.client();
            String train = client.layer("\"features\": 2") + "/forward-train";
            Faults.failEveryCommit(data.resolve("batchnorm.db"));
            client.post(train, TRAIN).expectProblem(503, "commit-outcome-unknown");
            Answer failed = client.post(train, TRAIN).expectProblem(503, "store-unavailable");
            client.get(LIVENESS).expect(503);
            expect("store-stopped", failed, client, "FOREIGN KEY");
            await(output, "store-stopped", ".*FOREIGN KEY");
            assertThat(ready(client, "stopped")).isZero();
            assertThat(output).doesNotContain("\tat ");
        }
    }

    @Test
    void aDamagedLayerIsOneLineHoweverOftenItIsRead(CapturedOutput output, @TempDir Path data)
            throws Exception {
        try (ServiceUnderTest service = ServiceUnderTest.in(data)) {
            Client client = service.client();
            String layer = client.layer("\"features\": 2");
            client.train(layer, "[[1,2],[3,5]]");
            execute(
                    data.resolve("batchnorm.db"),
                    "UPDATE layers SET running_var = zeroblob(16), version = version + 1");
            restart(
                    service,
                    data,
                    restarted -> {
                        for (int i = 0; i < 3; i++) {
                            restarted.get(layer).expectProblem(500, "layer-corrupt");
                        }
                        restarted
                                .post(layer + "/forward-train", TRAIN)
                                .expectProblem(500, "layer-corrupt");
                        assertThat(
                                        count(
                                                output,
                                                OperationsPage.row("layer-damaged").line()
                                                        + " ."
                                                        + layer.substring(8)
                                                        + ". is damaged"))
                                .isEqualTo(1);
                        restarted.get(READINESS).expect(200);
                    });
        }
    }

    @Test
    void aDamagedPageOfTheList(CapturedOutput output, @TempDir Path data) throws Exception {
        try (ServiceUnderTest service = ServiceUnderTest.in(data)) {
            for (int i = 0; i < 200; i++) {
                service.client().layer("\"features\": 64");
            }
            execute(data.resolve("batchnorm.db"), "PRAGMA wal_checkpoint(TRUNCATE)");
            long page = rootPage(data.resolve("batchnorm.db"), "layers");
            restart(
                    service,
                    data,
                    client -> {
                        overwrite(data.resolve("batchnorm.db"), page);
                        expect(
                                "store-damaged",
                                client.get("/layers?limit=100"),
                                client,
                                "malformed");
                        await(output, "store-damaged", ".*malformed");
                        assertThat(ready(client, "damaged")).isZero();
                    });
        }
    }

    @Test
    void aDatabaseThatIsAway(CapturedOutput output) throws Exception {
        try (FaultyNetwork network = new FaultyNetwork(PostgresServer.port());
                ServiceUnderTest service =
                        postgres(
                                PostgresServer.url(PostgresServer.newDatabase(), network.port()))) {
            Client client = service.client();
            network.cut();
            expect("store-unavailable", client.get("/layers"), client, "does not respond");
            await(output, "store-unavailable", ".*does not respond");
            client.get(LIVENESS).expect(200);
        }
    }

    @Test
    void aDatabaseThatBecomesReadOnly(CapturedOutput output) throws Exception {
        String database = PostgresServer.newDatabase();
        try (ServiceUnderTest service = postgres(PostgresServer.url(database))) {
            Client client = service.client();
            String train = client.layer("\"features\": 2") + "/forward-train";
            client.get(READINESS).expect(200);
            PostgresServer.execute(
                    "postgres",
                    "ALTER DATABASE " + database + " SET default_transaction_read_only = on");
            PostgresServer.endConnections(database);
            Answer failed = client.post(train, TRAIN);
            assertThat(failed.detail()).contains("read-only", "nothing was changed");
            expect("store-read-only", failed, client, "read-only");
            await(output, "store-read-only", "");
            PostgresServer.execute(
                    "postgres",
                    "ALTER DATABASE " + database + " RESET default_transaction_read_only");
            PostgresServer.endConnections(database);
            client.post(train, TRAIN).expect(200);
            client.get(READINESS).expect(200);
            await(output, "store-ready", ".*it was read-only");
        }
    }

    @Test
    void aLockedTable(CapturedOutput output) throws Exception {
        String database = PostgresServer.newDatabase();
        try (ServiceUnderTest service = postgres(PostgresServer.url(database));
                Connection holder = DriverManager.getConnection(PostgresServer.url(database));
                Statement statement = holder.createStatement()) {
            Client client = service.client();
            String train = client.layer("\"features\": 2") + "/forward-train";
            holder.setAutoCommit(false);
            statement.execute("LOCK TABLE layers IN EXCLUSIVE MODE");
            expect("store-unavailable", client.post(train, TRAIN), client, "lock timeout");
            await(output, "store-unavailable", ".*lock timeout");
            holder.rollback();
            client.post(train, TRAIN).expect(200);
            client.get(READINESS).expect(200);
        }
    }

    @Test
    void reasonsAreForCallersWithCredentials() throws Exception {
        try (ServiceUnderTest service =
                new ServiceUnderTest(
                        "BATCHNORM_API_KEYS=probe:infer:" + Faults.digest("the-key"))) {
            Client client = service.client();
            FullDisk.under(service.application().getBean("store", LayerStore.class));
            for (String[] headers :
                    new String[][] {
                        {}, {"Authorization", "Bearer wrong"}, {"Authorization", "x"}
                    }) {
                assertThat(client.get(READINESS, headers).expect(200).json().has("components"))
                        .isFalse();
            }
            Answer known = client.get(READINESS, "Authorization", "Bearer the-key").expect(200);
            assertThat(known.json().path("components").has("storeReadiness")).isTrue();
        }
    }

    /// Compares a failed request, health and the metric with the row of `docs/operations.md`.
    private static void expect(String event, Answer failed, Client client, String reason)
            throws Exception {
        OperationsPage.Row row = OperationsPage.row(event);
        assertThat(row.problem()).contains(failed.status() + " " + failed.slug());
        JsonNode details = details(client.get(READINESS).expect(503));
        assertThat(details.path("state").asString("")).isEqualTo(row.health());
        assertThat(details.path("reason").asString("")).contains(reason);
        assertThat(row.metric())
                .isEqualTo("batchnorm_store_ready{reason=\"" + row.health() + "\"}");
    }

    private static ServiceUnderTest postgres(String url) throws IOException {
        return new ServiceUnderTest("BATCHNORM_DATABASE_URL=" + url);
    }

    private interface Check {
        void with(Client client) throws Exception;
    }

    /// Stops a service and checks another one on its data.
    private static void restart(ServiceUnderTest service, Path data, Check check) throws Exception {
        service.application().close();
        try (ServiceUnderTest next = ServiceUnderTest.in(data)) {
            check.with(next.client());
        }
    }

    private static JsonNode details(Answer health) {
        return health.json().path("components").path("storeReadiness").path("details");
    }

    private static double ready(Client client, String reason) throws IOException {
        String series = "batchnorm_store_ready{reason=\"" + reason + "\"} ";
        return client.get("//actuator/prometheus")
                .expect(200)
                .body()
                .lines()
                .filter(line -> line.startsWith(series))
                .mapToDouble(line -> Double.parseDouble(line.substring(series.length())))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + series));
    }

    private static long count(CapturedOutput output, String pattern) {
        return Pattern.compile(pattern).matcher(output).results().count();
    }

    /// Waits for the line of an event of `docs/operations.md`.
    private static void await(CapturedOutput output, String event, String rest) throws Exception {
        String pattern = OperationsPage.row(event).line() + rest;
        Instant giveUp = Instant.now().plus(Duration.ofSeconds(10));
        while (count(output, pattern) == 0 && Instant.now().isBefore(giveUp)) {
            Thread.sleep(20);
        }
        assertThat(output).containsPattern(pattern);
    }

    private static void execute(Path database, String sql) throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static long rootPage(Path database, String table) throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
                Statement statement = connection.createStatement();
                var row =
                        statement.executeQuery(
                                "SELECT rootpage FROM sqlite_master WHERE type = 'table' AND name = '"
                                        + table
                                        + "'")) {
            return row.getLong(1);
        }
    }

    private static void overwrite(Path database, long page) throws IOException {
        int pageSize = 4096;
        try (RandomAccessFile file = new RandomAccessFile(database.toFile(), "rw")) {
            file.seek((page - 1) * pageSize);
            file.write(new byte[pageSize]);
        }
    }
}
