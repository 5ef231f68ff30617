package batchnorm.service.connections;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.fixtures.RandomSeed;
import batchnorm.service.ServiceProcess;
import batchnorm.service.Wire;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tests a process with a small heap against clients that try to exceed it. Many concurrent clients
/// call each codec and each route that loads vectors, and do not read.
///
/// The Maven profile `abuse` runs longer, with a larger heap.
@Tag("slow")
class BoundedHeapTest {
    private static final int ROUNDS = Integer.getInteger("batchnorm.heap.rounds", 1);
    private static final int MEGABYTES = Integer.getInteger("batchnorm.heap.megabytes", 192);

    /// Concurrent copies of one request.
    private static final int CLIENTS = Integer.getInteger("batchnorm.heap.clients", 4);

    /// Values of one tensor. With its result it takes a seventh of a small heap. Its bytes are no
    /// more than the service drains after a rejection, so that the client sees the status.
    private static final int NUMBERS = Math.min(MEGABYTES * (1 << 20) / 7 / 16, 1_900_000);

    /// Features of a layer whose vectors take a twentieth of the heap.
    private static final int FEATURES = MEGABYTES * (1 << 20) / 20 / 32;

    private static final ExecutorService THREADS = Executors.newVirtualThreadPerTaskExecutor();

    private final Map<String, byte[]> requests = new LinkedHashMap<>();
    private ServiceProcess service;

    @BeforeEach
    void start(@TempDir Path directory) throws Exception {
        service =
                new ServiceProcess(
                        directory.resolve("log"),
                        Map.of(
                                "BATCHNORM_DATA_DIR",
                                directory.resolve("data").toString(),
                                "JAVA_TOOL_OPTIONS",
                                "-Xmx" + MEGABYTES + "m -XX:+ExitOnOutOfMemoryError",
                                "BATCHNORM_ADMISSION_TIMEOUT",
                                "1s"));
        service.awaitReady();
        post("/layers", "{\"name\": \"narrow\", \"features\": 2}");
        for (int i = 0; i < CLIENTS; i++) {
            post("/layers", "{\"name\": \"wide-%d\", \"features\": %d}".formatted(i, FEATURES));
        }
        post("/layers/wide-0/snapshots", "{}");
        addBodies();
        addReads();
    }

    @AfterEach
    void stop() {
        service.close();
    }

    private void post(String path, String json) throws IOException {
        service.client().post(path, json).expect(201);
    }

    @Test
    void onlyRefusesWhatItCannotHold() throws Exception {
        for (Map.Entry<String, byte[]> request : requests.entrySet()) {
            assertThat(status(request.getValue(), new CountDownLatch(0)))
                    .as("alone: " + request.getKey())
                    .isEqualTo("200");
        }
        for (int round = 0; round < ROUNDS; round++) {
            List<String> statuses = storm(RandomSeed.random(round));
            service.awaitReady(); // the process is alive
            assertThat(statuses).isSubsetOf("200", "413", "429", "503").contains("200");
        }
        assertThat(service.client().get("/layers/narrow").expect(200).field("features"))
                .hasToString("2");
    }

    /// Sends all requests concurrently, in any order; each client reads only a status line for a
    /// while.
    private List<String> storm(Random order) throws Exception {
        List<byte[]> all = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            all.addAll(requests.values());
        }
        Collections.shuffle(all, order);
        CountDownLatch completed = new CountDownLatch(all.size());
        List<Future<String>> statuses = new ArrayList<>();
        for (byte[] request : all) {
            statuses.add(THREADS.submit(() -> status(request, completed)));
        }
        List<String> known = new ArrayList<>();
        for (Future<String> status : statuses) {
            known.add(status.get(60, TimeUnit.SECONDS));
        }
        return known;
    }

    /// @param completed the number of other clients without a status
    private String status(byte[] request, CountDownLatch completed) throws Exception {
        try (Socket socket = new Socket()) {
            socket.setReceiveBufferSize(4096);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), service.port()));
            socket.setSoTimeout(30_000);
            Future<?> _ =
                    THREADS.submit(() -> {
                        socket.getOutputStream().write(request); // may be rejected during the write
                        return null;
                    });
            byte[] line = socket.getInputStream().readNBytes("HTTP/1.1 200".length());
            completed.countDown();
            boolean _ = completed.await(8, TimeUnit.SECONDS);
            return new String(line, ISO_8859_1).replace("HTTP/1.1 ", "");
        } catch (SocketException cut) {
            completed.countDown();
            return "cut";
        }
    }

    private void addBodies() throws IOException {
        String infer = "/api/v1/layers/narrow/forward-infer";
        int rows = NUMBERS / 2;
        String zeros = "0,".repeat(2 * rows - 1) + "0";
        String object = "\"shape\":[%d,2],\"datatype\":\"FP64\"".formatted(rows);
        byte[] doubles = new byte[16 * rows];
        byte[] npy = Wire.join(npyHeader(rows), doubles);
        add("json, nested", infer, "application/json", nested(rows).getBytes(US_ASCII));
        add(
                "json, flat",
                infer,
                "application/json",
                "{\"input\":{%s,\"data\":[%s]}}".formatted(object, zeros).getBytes(US_ASCII));
        add("npy", infer, "application/x-npy", npy);
        add("npz, deflated", infer, "application/x-npz", deflated("input.npy", npy));
        add(
                "npz, deflated, with a context",
                "/api/v1/layers/narrow/forward-train",
                "application/x-npz",
                deflated("input.npy", npy));
        add(
                "raw",
                infer,
                "application/octet-stream\r\nTensor-Datatype: FP64\r\nTensor-Shape: " + rows + ",2",
                doubles);
        add(
                "safetensors",
                infer,
                "application/vnd.safetensors",
                Wire.join(safetensorsHeader(rows), doubles));
        String inputs =
                "{\"inputs\":[{\"name\":\"input\",%s,%s}]}"
                        .formatted(object, "\"data\":[" + zeros + "]");
        add("v2, json", "/v2/models/narrow/infer", "application/json", inputs.getBytes(US_ASCII));
        add(
                "v2, gzip",
                "/v2/models/narrow/infer",
                "application/json\r\nContent-Encoding: gzip",
                gzip(inputs + " "));
        String binary =
                "{\"inputs\":[{\"name\":\"input\",%s,\"parameters\":{\"binary_data_size\":%d}}]}"
                        .formatted(object, doubles.length);
        add(
                "v2, binary",
                "/v2/models/narrow/infer",
                "application/octet-stream\r\nInference-Header-Content-Length: " + binary.length(),
                Wire.join(binary.getBytes(US_ASCII), doubles));
    }

    private void addReads() {
        for (int i = 0; i < CLIENTS; i++) {
            read("/api/v1/layers/wide-" + i);
            read("/api/v1/layers/wide-" + i + "/affine");
            read("/api/v1/layers/wide-" + i + "/state?framework=pytorch&datatype=FP32");
        }
        read("/api/v1/layers?limit=1000");
        read("/api/v1/state?framework=pytorch&datatype=FP64&names=wide-0,wide-1");
        read("/api/v1/layers/wide-1/health");
        read("/api/v1/layers/wide-0/snapshots/1");
        read("/api/v1/layers/wide-0/snapshots/compare?from=1");
        read("/v2/models/wide-2");
        read("/v2/models/wide-3/config");
    }

    private void read(String path) {
        requests.put(
                path, ("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").getBytes(US_ASCII));
    }

    /// @param type the content type, optionally with other headers
    private void add(String name, String path, String type, byte[] body) {
        String head =
                "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
                        .formatted(path, type, body.length);
        requests.put(name, Wire.join(head.getBytes(US_ASCII), body));
    }

    private static String nested(int rows) {
        return "{\"input\":[" + "[0,0],".repeat(rows - 1) + "[0,0]]}";
    }

    private static byte[] npyHeader(int rows) {
        String text =
                "{'descr': '<f8', 'fortran_order': False, 'shape': (%d, 2), }".formatted(rows);
        String padded = text + " ".repeat(117 - text.length()) + '\n';
        byte[] magic = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (byte) padded.length(), 0};
        return Wire.join(magic, padded.getBytes(US_ASCII));
    }

    private static byte[] safetensorsHeader(int rows) {
        String text =
                "{\"input\":{\"dtype\":\"F64\",\"shape\":[%d,2],\"data_offsets\":[0,%d]}}"
                        .formatted(rows, 16 * rows);
        byte[] length = new byte[Long.BYTES];
        length[0] = (byte) text.length();
        return Wire.join(length, text.getBytes(US_ASCII));
    }

    private static byte[] deflated(String name, byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream archive = new ZipOutputStream(bytes)) {
            archive.putNextEntry(new ZipEntry(name));
            archive.write(content);
        }
        return bytes.toByteArray();
    }

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream body = new GZIPOutputStream(bytes)) {
            body.write(text.getBytes(US_ASCII));
        }
        return bytes.toByteArray();
    }
}
