package batchnorm.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Tests against the service at BATCHNORM_URL, or one of their own. */
class BatchNormClientTest {
    private static final Tensor X = Tensor.of(new double[] {1, 2, 3, 4, 5, 6}, 3, 2);
    private static BatchNormServer server;
    private static BatchNormClient client;

    @BeforeAll
    static void connect() throws Exception {
        String url = System.getenv("BATCHNORM_URL");
        if (url == null) {
            server = BatchNormServer.start(Path.of("../../target/batchnorm.jar"));
            client = server.client();
        } else {
            client = new BatchNormClient(URI.create(url));
        }
    }

    @AfterAll
    static void end() {
        if (server != null) {
            server.close();
        }
    }

    private static Layer layer() {
        return client.create("java-" + UUID.randomUUID(), Map.of("convention", "pytorch", "features", 2));
    }

    private static double[] vector(Map<String, Object> state, String name) {
        return ((List<?>) state.get(name)).stream().mapToDouble(each -> ((Number) each).doubleValue()).toArray();
    }

    @Test
    void trainsInfersAndDifferentiates() {
        Layer layer = layer();
        Forward step = layer.forwardTrain(X);
        assertEquals(-1.22474258, step.output().toDoubles()[0], 1e-8);
        assertEquals(2, step.version());
        Gradients gradients = layer.backward(Tensor.of(new double[] {.1, .2, .3, .4, .5, .6}, 3, 2), step.contextId());
        assertArrayEquals(new double[] {0.9, 1.2}, gradients.gradBeta(), 1e-15);
        assertArrayEquals(new int[] {3, 2}, gradients.gradInput().shape());
        assertArrayEquals(new double[] {1.3, 1.3}, vector(layer.get(), "running_var"), 1e-15);
        assertEquals(2.36804754, layer.forwardInfer(X).output().toDoubles()[2], 1e-8);
        Map<String, Object> updated = layer.applyGradients(gradients, Map.of("kind", "sgd", "learning_rate", 0.1));
        assertArrayEquals(new double[] {-0.09, -0.12}, vector(updated, "beta"), 1e-15);
    }

    @Test
    void respondsInTheDatatypeOfTheRequest() {
        Layer layer = layer();
        assertEquals(3, layer.forwardInfer(Tensor.of(new float[] {3, 4}, 1, 2)).output().toFloats()[0], 1e-4f);
        Tensor half = new Tensor(Tensor.DataType.FP16, new int[] {0, 2}, ByteBuffer.allocate(0));
        assertEquals(half, layer.forwardInfer(half).output());
        assertThrows(IllegalArgumentException.class, () -> Tensor.of(new float[5], 2, 3));
    }

    @Test
    void sendsABufferOutsideTheHeap() {
        ByteBuffer direct = ByteBuffer.allocateDirect(6 * 8);
        direct.put(X.bytes()).flip();
        assertEquals(
                layer().forwardInfer(X).output(),
                layer().forwardInfer(new Tensor(Tensor.DataType.FP64, new int[] {3, 2}, direct)).output());
    }

    @Test
    void countsARepeatedKeyOnce() {
        Layer layer = layer();
        var steps = IntStream.range(0, 8).mapToObj(i -> layer.forwardTrainAsync(X, "step-1")).toList();
        CompletableFuture.allOf(steps.toArray(CompletableFuture[]::new)).join();
        assertEquals(1L, layer.get().get("num_batches_tracked"));
    }

    @Test
    void namesSlugAndFieldOfAnError() {
        Layer layer = layer();
        BatchNormException rejected =
                assertThrows(
                        BatchNormException.class,
                        () -> layer.forwardTrain(Tensor.of(new double[] {1, 2, Double.NaN, 3}, 2, 2)));
        assertEquals("non-finite-value", rejected.slug());
        assertEquals("input[1][0]", rejected.field());
        assertEquals(422, rejected.status());
        layer.delete();
        assertEquals("layer-not-found", assertThrows(BatchNormException.class, layer::get).slug());
    }

    @Test
    void changesAndResets() {
        Layer layer = layer();
        Map<?, ?> config = (Map<?, ?>) layer.patch(Map.of("epsilon", 0.5)).get("config");
        assertEquals(0.5, config.get("epsilon"));
        layer.forwardTrain(X);
        assertEquals(0L, layer.reset().get("num_batches_tracked"));
        assertNull(client.layer(layer.name()).get().get("no_such_field"));
    }

    @Test
    void reachesEveryOtherOperation() {
        Map<String, Object> body =
                Map.of("input", List.of(new double[] {1, 2}, new double[] {3, 4}), "output", List.of(List.of(-1, -1), List.of(1, 1)));
        assertTrue(client.call("POST", "/diagnose", body).get("verdict").toString().contains("forward pass"));
    }

    @Test
    void sendsAChangeWithoutAKeyOnce() throws Exception {
        try (FaultyServer faulty = new FaultyServer()) {
            Layer layer = faulty.client(Duration.ofSeconds(5)).layer("a");
            BatchNormException failure = assertThrows(BatchNormException.class, () -> layer.patch(Map.of("epsilon", 1)));
            assertEquals("no-response", failure.slug());
            assertEquals(1, faulty.keys().size());
        }
    }

    @Test
    void repeatsAStepWithTheSameKeyAndThenGivesUp() throws Exception {
        try (FaultyServer faulty = new FaultyServer()) {
            Layer layer = faulty.client(Duration.ofSeconds(5)).layer("a");
            assertThrows(BatchNormException.class, () -> layer.forwardTrain(X));
            assertEquals(3, faulty.keys().size());
            assertEquals(1, faulty.keys().stream().distinct().count());
        }
    }

    @Test
    void reportsAServiceThatIsDown() {
        BatchNormClient nowhere = new BatchNormClient(URI.create("http://127.0.0.1:1"), null, Duration.ofSeconds(2), 1);
        assertEquals("no-response", assertThrows(BatchNormException.class, () -> nowhere.layer("a").get()).slug());
    }

    @Test
    void hasTheListedMethods() throws Exception {
        Map<String, Object> operations = Json.readObject(Files.readString(Path.of("../operations.json")));
        for (Object clients : operations.values()) {
            if (((Map<?, ?>) clients).get("java") instanceof String place) {
                String[] parts = place.split("\\.");
                Class<?> type = Class.forName("batchnorm.client." + parts[0]);
                assertTrue(Arrays.stream(type.getMethods()).anyMatch(method -> method.getName().equals(parts[1])), place);
            }
        }
    }

    @Test
    void readsAndWritesJson() {
        String text = "{\"a\": [1, -2.5e3, true, null, \"q\\\"\\n\\u00e9\"], \"b\": {}, \"c\": []}";
        Map<String, Object> read = Json.readObject(text);
        assertEquals(List.of(1L, -2500.0, true), ((List<?>) read.get("a")).subList(0, 3));
        assertEquals("q\"\né", ((List<?>) read.get("a")).get(4));
        assertEquals(read, Json.readObject(Json.write(read)));
        assertEquals("[\"NaN\",1.0]", Json.write(new double[] {Double.NaN, 1}));
        assertThrows(IllegalArgumentException.class, () -> Json.readObject("{\"a\": "));
    }
}
