package batchnorm.service.connections;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import batchnorm.service.Wire;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Tests a service with one computing request and a short queue. A request that held the slot
/// needlessly would cause the rejection of all others.
class OverloadTest {
    private static final ExecutorService THREADS = Executors.newVirtualThreadPerTaskExecutor();
    private static Path data;
    private static ServiceUnderTest service;
    private static Client client;
    private static String layer;

    @BeforeAll
    static void start() throws IOException {
        data = Files.createTempDirectory("batchnorm-overload");
        service =
                ServiceUnderTest.in(
                        data,
                        "BATCHNORM_MAX_COMPUTING=1",
                        "BATCHNORM_MAX_WAITING=4",
                        "BATCHNORM_ADMISSION_TIMEOUT=4s");
        client = service.client();
        layer = client.layer("\"features\": 2");
    }

    @AfterAll
    static void stop() throws IOException {
        service.close();
    }

    /// Each request occupies a processor for a while. With the default of two slots per processor,
    /// there are more requests than threads that could respond concurrently.
    @Test
    void excessRequestsGetARetryAfterAndTheOthersAreServed() throws Exception {
        int requests = 8 + 4 * Runtime.getRuntime().availableProcessors();
        try (ServiceUnderTest flooded = new ServiceUnderTest("BATCHNORM_MAX_WAITING=1")) {
            Client caller = flooded.client();
            String check = caller.layer("\"features\": 2") + "/gradient-check";
            String heavy = "{\"input\": " + sines(4_000) + "}";
            List<Future<Answer>> answers = new ArrayList<>();
            for (int i = 0; i < requests; i++) {
                answers.add(THREADS.submit(() -> caller.post(check, heavy)));
            }
            int shed = 0;
            for (Future<Answer> each : answers) {
                Answer answer = each.get(60, TimeUnit.SECONDS);
                if (answer.status() != 200) {
                    answer.expectProblem(503, "overloaded");
                    assertThat(Integer.parseInt(answer.header("Retry-After"))).isBetween(1, 10);
                    shed++;
                }
            }
            assertThat(shed).isPositive().isLessThan(requests);
            assertThat(caller.get("//actuator/prometheus").expect(200).body())
                    .contains("batchnorm_requests_computing 0.0")
                    .contains("batchnorm_requests_waiting 0.0")
                    .contains("batchnorm_requests_shed_total " + shed + ".0");
        }
    }

    @Test
    void stalledBodiesDoNotBlockComputations() throws IOException {
        try (Socket first = post("/layers", 500, "{");
                Socket second = post("/layers", 500, "{")) {
            client.infer(layer, "[[1, 2]]");
            assertThat(first.isConnected() && second.isConnected()).isTrue();
        }
    }

    @Test
    void unreadResponsesDoNotBlockComputations() throws Exception {
        String many = "[" + "[1.2345678, 2.3456789], ".repeat(200_000) + "[1, 2]]";
        String body = "{\"input\": " + many + "}";
        try (Socket reader = post(layer + "/forward-infer", body.length(), body)) {
            Thread.sleep(1_000); // until the system's buffers are full
            client.infer(layer, "[[1, 2]]");
            assertThat(reader.isConnected()).isTrue();
        }
    }

    /// Another program locks the file briefly.
    @Test
    void stepsThatWaitForTheirCommitDoNotBlockComputations() throws Exception {
        Future<Answer> step;
        Future<Answer> another;
        try (Connection connection =
                        DriverManager.getConnection("jdbc:sqlite:" + data.resolve("batchnorm.db"));
                Statement statement = connection.createStatement()) {
            statement.execute("BEGIN IMMEDIATE");
            step = THREADS.submit(() -> client.train(layer, "[[1, 2], [3, 4]]"));
            another = THREADS.submit(() -> client.train(layer, "[[1, 2], [3, 4]]"));
            Thread.sleep(300); // until both wait
            client.infer(layer, "[[1, 2]]");
            assertThat(step).isNotDone();
            statement.execute("COMMIT");
        }
        step.get(10, TimeUnit.SECONDS).expect(200);
        another.get(10, TimeUnit.SECONDS).expect(200);
    }

    /// Another program locks the file: changes wait, and reads proceed.
    @Test
    void snapshotsAreReadWhileChangesWaitForTheWriter() throws Exception {
        client.post(layer + "/snapshots", "{}").expect(201);
        String id = client.get(layer + "/snapshots").field("snapshots").get(0).get("id").toString();
        Future<Answer> step;
        try (Connection connection =
                        DriverManager.getConnection("jdbc:sqlite:" + data.resolve("batchnorm.db"));
                Statement statement = connection.createStatement()) {
            statement.execute("BEGIN IMMEDIATE");
            step = THREADS.submit(() -> client.train(layer, "[[1, 2], [3, 4]]"));
            Thread.sleep(300); // until the writer waits
            client.get(layer + "/snapshots").expect(200);
            client.get(layer + "/snapshots/" + id).expect(200);
            client.get(layer + "/snapshots/compare?from=" + id).expect(200);
            assertThat(step).isNotDone();
            statement.execute("COMMIT");
        }
        step.get(10, TimeUnit.SECONDS).expect(200);
    }

    @Test
    void membersThatWaitForEachOtherDoNotBlockComputations() throws Exception {
        String group =
                client.post(layer + "/sync-groups", "{\"size\": 3}")
                        .expect(201)
                        .field("group_id")
                        .stringValue();
        List<Future<Answer>> members = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            String part = "{\"step\": 0, \"rank\": %d, \"input\": [[1, 2], [3, 4]]}".formatted(i);
            members.add(
                    THREADS.submit(
                            () -> client.post("/sync-groups/" + group + "/forward-train", part)));
            Thread.sleep(100); // sequential, because only one fits
        }
        for (Future<Answer> member : members) {
            member.get(20, TimeUnit.SECONDS).expect(200);
        }
    }

    private static String sines(int rows) {
        double[] values = IntStream.range(0, 2 * rows).mapToDouble(Math::sin).toArray();
        return "{\"shape\": [%d, 2], \"base64\": \"%s\"}"
                .formatted(rows, Base64.getEncoder().encodeToString(Wire.doubles(values)));
    }

    private static Socket post(String path, int length, String begin) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.connect(new InetSocketAddress(client.root().getHost(), client.root().getPort()));
        String head =
                """
                POST /api/v1%s HTTP/1.1\r
                Host: localhost\r
                Content-Type: application/json\r
                Content-Length: %d\r
                \r
                """
                        .formatted(path, length);
        socket.getOutputStream().write((head + begin).getBytes(US_ASCII));
        return socket;
    }
}
