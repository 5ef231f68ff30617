package batchnorm.service.passes;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tests that an idempotency key is scoped to its caller and its layer.
class CallersKeysTest {
    private static final String TRAIN = "{\"input\": [[1,2],[3,5],[5,7]]}";
    private static final String STEP =
            "{\"grad_beta\": [1, 2], \"optimizer\": {\"kind\": \"sgd\", \"learning_rate\": 0.1}}";
    private static final String INFER =
            "{\"id\": \"the-id\", \"parameters\": {\"operation\": \"forward-train\"}, \"inputs\":"
                    + " [{\"name\": \"input\", \"shape\": [2, 2], \"datatype\": \"FP64\", \"data\": [1, 2, 3, 4]}]}";

    @Test
    void twoCallersWithOneKeyMakeTwoSteps() throws Exception {
        try (ServiceUnderTest service = new ServiceUnderTest(keys())) {
            Client client = service.client();
            client.post("/layers", "{\"name\": \"shared\", \"features\": 2}", bearer("first"))
                    .expect(201);
            for (String caller : new String[] {"first", "second"}) {
                assertThat(replayed(client, "/forward-train", TRAIN, caller)).isFalse();
                assertThat(replayed(client, "/forward-train", TRAIN, caller)).isTrue();
                assertThat(replayed(client, "/apply-gradients", STEP, caller)).isFalse();
                assertThat(replayed(client, "/apply-gradients", STEP, caller)).isTrue();
                assertThat(inferred(client, caller)).isFalse();
                assertThat(inferred(client, caller)).isTrue();
            }
            assertThat(client.get("/layers/shared", bearer("first")).field("num_batches_tracked"))
                    .hasToString("4");
        }
    }

    @Test
    void aKeyFromBeforeThereWereCallersIsHonoured(@TempDir Path directory) throws Exception {
        Path data = Files.createDirectory(directory.resolve("old"));
        Path kept = Files.createDirectory(directory.resolve("kept"));
        try (ServiceUnderTest service = ServiceUnderTest.in(data)) {
            Client client = service.client();
            client.post("/layers", "{\"name\": \"shared\", \"features\": 2}").expect(201);
            client.post("/layers/shared/forward-train", TRAIN, "Idempotency-Key", "the-key")
                    .expect(200);
            client.post("/layers/shared/apply-gradients", STEP, "Idempotency-Key", "a-step")
                    .expect(200);
            Files.writeString(
                    kept.resolve("batchnorm.db"),
                    new String(
                            service.application()
                                    .getBean(batchnorm.storage.SqliteLayerStore.class)
                                    .backUp(java.time.Duration.ofMinutes(1))
                                    .readAllBytes(),
                            StandardCharsets.ISO_8859_1),
                    StandardCharsets.ISO_8859_1);
        }
        try (ServiceUnderTest service = ServiceUnderTest.in(kept, keys())) {
            assertThat(replayed(service.client(), "/forward-train", TRAIN, "first")).isTrue();
            assertThat(
                            service.client()
                                    .post(
                                            "/layers/shared/apply-gradients",
                                            STEP,
                                            "Idempotency-Key",
                                            "a-step",
                                            "Authorization",
                                            "Bearer first")
                                    .header("Idempotency-Replayed"))
                    .isEqualTo("true");
        }
    }

    private static boolean replayed(Client client, String operation, String body, String caller)
            throws IOException {
        return client.post(
                        "/layers/shared" + operation,
                        body,
                        "Idempotency-Key",
                        operation.contains("train") ? "the-key" : "a-step",
                        "Authorization",
                        "Bearer " + caller)
                .expect(200)
                .header("Idempotency-Replayed")
                .equals("true");
    }

    private static boolean inferred(Client client, String caller) throws IOException {
        return client.post("//v2/models/shared/infer", INFER, bearer(caller))
                .expect(200)
                .json()
                .at("/parameters/replayed")
                .booleanValue();
    }

    private static String[] bearer(String key) {
        return new String[] {"Authorization", "Bearer " + key};
    }

    private static String keys() throws Exception {
        return "BATCHNORM_API_KEYS=one:train:" + digest("first") + ",two:train:" + digest("second");
    }

    private static String digest(String key) throws Exception {
        return HexFormat.of()
                .formatHex(
                        MessageDigest.getInstance("SHA-256")
                                .digest(key.getBytes(StandardCharsets.UTF_8)));
    }
}
