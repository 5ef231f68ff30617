package batchnorm.service.management;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tests a backup taken over HTTP under a writer, and the restore described in
/// `docs/deployment.md`.
class BackupTest {
    private static final String TRAIN = "{\"input\": [[1,2],[3,5],[5,7]]}";

    @Test
    void aBackupUnderAWriterBringsEverythingBack(@TempDir Path directory) throws Exception {
        Path old = Files.createDirectory(directory.resolve("old"));
        Path restored = Files.createDirectory(directory.resolve("restored"));
        Answer layer;
        Answer keyed;
        long acknowledged;
        try (ServiceUnderTest service = ServiceUnderTest.in(old)) {
            Client client = service.client();
            client.post("/layers", "{\"name\": \"quiet\", \"features\": 2}").expect(201);
            keyed = step(client, "quiet").expect(200);
            layer = client.get("/layers/quiet").expect(200);
            client.post("/layers", "{\"name\": \"busy\", \"features\": 2}").expect(201);
            acknowledged = backUpUnderAWriter(client, restored.resolve("batchnorm.db"));
            assertThat(filesOf(old)).as("no copy is left").noneMatch(file -> file.contains("copy"));
        }
        try (ServiceUnderTest service = ServiceUnderTest.in(restored)) {
            Client client = service.client();
            Answer quiet = client.get("/layers/quiet").expect(200);
            assertThat(quiet.body()).isEqualTo(layer.body());
            assertThat(quiet.header("ETag")).isEqualTo(layer.header("ETag"));
            Answer again = step(client, "quiet").expect(200);
            assertThat(again.header("Idempotency-Replayed")).isEqualTo("true");
            assertThat(again.body()).isEqualTo(keyed.body());
            assertThat(client.get("/layers/busy").field("num_batches_tracked").longValue())
                    .isGreaterThanOrEqualTo(acknowledged);
        }
    }

    private static Answer step(Client client, String layer) throws IOException {
        return client.post(
                "/layers/" + layer + "/forward-train", TRAIN, "Idempotency-Key", "the-key");
    }

    /// @return the number of steps acknowledged before the backup was requested
    private static long backUpUnderAWriter(Client client, Path target) throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> writer =
                    threads.submit(() -> {
                        while (!done.get()) {
                            client.train("/layers/busy", "[[1,2],[3,4]]");
                        }
                        return null;
                    });
            long before = 0;
            while (before < 10) {
                before = client.get("/layers/busy").field("num_batches_tracked").longValue();
            }
            URI backup = client.root().resolve("/actuator/backup");
            try (HttpClient http = HttpClient.newHttpClient()) {
                HttpResponse<Path> answer =
                        http.send(
                                HttpRequest.newBuilder(backup).build(),
                                BodyHandlers.ofFile(target));
                assertThat(answer.statusCode()).isEqualTo(200);
                assertThat(answer.headers().firstValue("Content-Type"))
                        .hasValue("application/vnd.sqlite3");
            }
            done.set(true);
            writer.get();
            return before;
        }
    }

    private static Stream<String> filesOf(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).toList().stream();
        }
    }
}
