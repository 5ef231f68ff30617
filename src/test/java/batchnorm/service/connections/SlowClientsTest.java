package batchnorm.service.connections;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.ServiceUnderTest;
import batchnorm.service.Wire;
import batchnorm.service.Wire.Reply;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.LongPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Tests clients that send slowly, stop sending, do not read, or send too much.
@Tag("slow")
class SlowClientsTest {
    private static final String BODY = "{\"name\": \"slow-%s\", \"features\": 2}          ";
    private static final Pattern HELD =
            Pattern.compile("(?m)^batchnorm_bodies_in_flight_bytes(?:\\{.*})? (.+)$");

    /// More than half of the memory for in-flight requests.
    private static final String LONG = " ".repeat(45_000);

    private static final ExecutorService THREADS = Executors.newVirtualThreadPerTaskExecutor();
    private static ServiceUnderTest service;

    @BeforeAll
    static void start() throws IOException {
        service =
                new ServiceUnderTest(
                        "BATCHNORM_BODY_GRACE=1s",
                        "BATCHNORM_MIN_BODY_RATE=1000",
                        "BATCHNORM_BODY_TIMEOUT=20s",
                        "BATCHNORM_SILENCE_TIMEOUT=4s",
                        "BATCHNORM_IN_FLIGHT_BYTES=65536",
                        "BATCHNORM_ADMISSION_TIMEOUT=900ms",
                        "BATCHNORM_MAX_WAITING=1");
    }

    @AfterAll
    static void stop() throws IOException {
        service.close();
    }

    /// Each byte arrives in time, but the whole body does not.
    @Test
    void aTrickleIsCut() throws Exception {
        try (Socket socket = post(500, "")) {
            long start = System.nanoTime();
            Future<String> answer = answer(socket);
            while (!answer.isDone() && System.nanoTime() - start < TimeUnit.SECONDS.toNanos(10)) {
                try {
                    socket.getOutputStream().write(' ');
                } catch (SocketException closed) {
                    break;
                }
                Thread.sleep(200);
            }
            assertThat(answer.get())
                    .startsWith("HTTP/1.1 408")
                    .contains("/problems/request-timeout");
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isLessThan(Duration.ofSeconds(5));
        }
    }

    @Test
    void aBodyThatNeverComesIsCut() throws Exception {
        try (Socket socket = post(500, "{")) {
            assertThat(answer(socket).get(8, TimeUnit.SECONDS)).startsWith("HTTP/1.1 408");
        }
    }

    /// The connection is never silent, so an idle time-out alone would not detect it.
    @Test
    void headersThatTrickleAreCut() throws Exception {
        try (Socket socket = connect(service)) {
            long start = System.nanoTime();
            socket.getOutputStream().write("GET / HTTP/1.1\r\n".getBytes(US_ASCII));
            Future<Integer> end = THREADS.submit(() -> socket.getInputStream().read());
            while (!end.isDone() && System.nanoTime() - start < TimeUnit.SECONDS.toNanos(10)) {
                try {
                    socket.getOutputStream().write('x');
                } catch (SocketException closed) {
                    break;
                }
                Thread.sleep(200);
            }
            assertThat(end).isDone();
            assertThat(end.state() == Future.State.FAILED || end.get() < 0).isTrue();
        }
    }

    @Test
    void aConnectionWithoutARequestIsCut() throws Exception {
        try (Socket socket = connect(service)) {
            socket.setSoTimeout(8_000);
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void aBodyThatWaitsGetsItsTurn() throws Exception {
        String body = BODY.formatted("turn");
        try (Socket first = post(50_000, LONG);
                Socket second = post(body.length() + 30_000, " ".repeat(30_000) + body)) {
            Future<String> answer = answer(second);
            assertThat(answer).isNotDone();
            first.shutdownOutput();
            assertThat(answer.get(8, TimeUnit.SECONDS)).startsWith("HTTP/1.1 201");
        }
    }

    /// Each request announces the maximum body and sends one byte.
    @Test
    void bodiesThatAreOnlyAnnouncedKeepNobodyOut() throws Exception {
        List<Socket> slow = new ArrayList<>();
        try {
            for (int i = 0; i < 10; i++) {
                slow.add(post(200_000_000, " "));
            }
            service.client().post("/layers", BODY.formatted("beside")).expect(201);
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }

    /// Far above the minimum rate, but the announced body would take a day at this rate.
    @Test
    void aBodyThatIsTooSlowForItsSizeIsCut() throws Exception {
        try (Socket socket = post(200_000_000, " ")) {
            long start = System.nanoTime();
            Future<String> answer = answer(socket);
            while (!answer.isDone() && System.nanoTime() - start < TimeUnit.SECONDS.toNanos(10)) {
                try {
                    socket.getOutputStream().write(" ".repeat(400).getBytes(US_ASCII));
                } catch (SocketException closed) {
                    break;
                }
                Thread.sleep(200);
            }
            assertThat(answer.get(5, TimeUnit.SECONDS))
                    .startsWith("HTTP/1.1 408")
                    .contains("10000000 bytes a second");
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isLessThan(Duration.ofSeconds(6));
        }
    }

    /// Each client sends more than half of the available memory, then all send the rest: served or
    /// rejected, and soon.
    @Test
    void bodiesThatGrowTogetherAreServedOrRefused() throws Exception {
        List<Socket> clients = new ArrayList<>();
        try {
            List<Future<String>> answers = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                Socket client = post(40_000 + 48, " ".repeat(16_000));
                clients.add(client);
                answers.add(answer(client));
            }
            for (int i = 0; i < 6; i++) {
                String rest = " ".repeat(24_000) + BODY.formatted("grown-" + i);
                try {
                    clients.get(i)
                            .getOutputStream()
                            .write(Arrays.copyOf(rest.getBytes(US_ASCII), 24_048));
                } catch (SocketException refused) {
                    // the response has the reason
                }
            }
            List<String> statuses = new ArrayList<>();
            for (Future<String> answer : answers) {
                String text = answer.get(10, TimeUnit.SECONDS);
                statuses.add(text.substring(9, 12));
                assertThat(text).matches("(?s)HTTP/1.1 (201|503 .*Retry-After: \\d+).*");
            }
            assertThat(statuses).contains("201");
        } finally {
            for (Socket client : clients) {
                client.close();
            }
        }
    }

    @Test
    void aRefusedBodySaysWhenToRetry() throws Exception {
        try (Socket first = post(50_000, LONG);
                Socket second = post(50_000, LONG)) {
            assertThat(answer(second).get(8, TimeUnit.SECONDS))
                    .startsWith("HTTP/1.1 503")
                    .containsIgnoringCase("Retry-After: 1")
                    .contains("/problems/overloaded");
            assertThat(first.isConnected()).isTrue();
        }
    }

    @Test
    void aBodyInChunksIsCountedAsItComes() throws Exception {
        try (Socket filling = post(50_000, LONG)) {
            try (Socket chunked = connect(service)) {
                OutputStream out = chunked.getOutputStream();
                out.write(
                        """
                        POST /api/v1/layers HTTP/1.1\r
                        Host: localhost\r
                        Content-Type: application/json\r
                        Transfer-Encoding: chunked\r
                        \r
                        4e20\r
                        """
                                .getBytes(US_ASCII));
                out.write(" ".repeat(20_000).getBytes(US_ASCII));
                assertThat(answer(chunked).get(8, TimeUnit.SECONDS)).startsWith("HTTP/1.1 503");
            }
            assertThat(filling.isConnected()).isTrue();
        }
    }

    /// The few compressed bytes fit the budget; the decompressed ones exceed it.
    @Test
    void aCompressedBodyIsCountedAsItInflates() throws Exception {
        Wire wire = new Wire(service.client());
        String model = service.client().layer("\"features\": 2").replace("/layers", "/v2/models");
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (GZIPOutputStream body = new GZIPOutputStream(compressed)) {
            body.write(
                    """
                    %s{"inputs": [{"name": "input", "shape": [1, 2], "datatype": "FP32", "data": [1, 2]}]}
                    """
                            .formatted(" ".repeat(20_000))
                            .getBytes(US_ASCII));
        }
        String coding = "Content-Encoding: gzip";
        try (Socket filling = post(50_000, LONG)) {
            Reply refused = wire.post(model + "/infer", compressed.toByteArray(), coding);
            assertThat(refused.expect(503).error()).contains("memory");
            assertThat(refused.header("Retry-After")).isNotEmpty();
            assertThat(filling.isConnected()).isTrue();
        }
        // The end of the other request shows with a delay.
        long start = System.nanoTime();
        Reply reply = wire.post(model + "/infer", compressed.toByteArray(), coding);
        while (reply.status() == 503 && System.nanoTime() - start < TimeUnit.SECONDS.toNanos(8)) {
            Thread.sleep(20);
            reply = wire.post(model + "/infer", compressed.toByteArray(), coding);
        }
        reply.expect(200);
    }

    /// The body is read as a stream and never held as a whole.
    @Test
    void aBodyBeyondTheBudgetIsRead() throws IOException {
        service.client()
                .post("/layers", "{\"name\": \"large\"" + " ".repeat(100_000) + "}")
                .expect(201);
    }

    @Test
    void aReaderWhoDoesNotReadIsCut() throws Exception {
        try (ServiceUnderTest impatient = new ServiceUnderTest("BATCHNORM_SILENCE_TIMEOUT=2s");
                Socket socket = new Socket()) {
            String layer = impatient.client().layer("\"features\": 1000000");
            socket.setReceiveBufferSize(4096);
            socket.connect(address(impatient));
            socket.getOutputStream()
                    .write(
                            ("GET /api/v1" + layer + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
                                    .getBytes(US_ASCII));
            Thread.sleep(5_000);
            socket.setSoTimeout(5_000);
            long read = 0;
            try {
                read = socket.getInputStream().readAllBytes().length;
            } catch (SocketException reset) {
                // cut as well
            }
            assertThat(read).isLessThan(16_000_000);
        }
    }

    /// The client reads steadily, but slower than the minimum rate. The system still sends its
    /// buffered bytes; the service holds none.
    @Test
    void aReaderWhoReadsTooSlowlyIsCut() throws Exception {
        try (ServiceUnderTest impatient =
                        new ServiceUnderTest(
                                "BATCHNORM_BODY_GRACE=1s", "BATCHNORM_MIN_BODY_RATE=4000000");
                Socket socket = new Socket()) {
            String layer = impatient.client().layer("\"features\": 1000000");
            socket.setReceiveBufferSize(4096);
            socket.connect(address(impatient));
            String request = "GET /api/v1" + layer + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(US_ASCII));
            Future<?> reads =
                    THREADS.submit(() -> {
                        while (socket.getInputStream().read(new byte[8_192]) >= 0) {
                            Thread.sleep(100);
                        }
                        return null;
                    });
            awaitHeld(impatient, held -> held >= 32_000_000);
            awaitHeld(impatient, held -> held == 0);
            assertThat(reads).as("still reads").isNotDone();
        }
    }

    /// The system queues the connection at no cost to the service.
    @Test
    void oneConnectionTooManyWaitsForAnotherToClose() throws Exception {
        try (ServiceUnderTest bounded = new ServiceUnderTest("BATCHNORM_MAX_CONNECTIONS=2");
                Socket first = post(bounded, 500, "{");
                Socket second = post(bounded, 500, "{");
                Socket third = connect(bounded)) {
            third.getOutputStream()
                    .write(
                            "GET /api/v1/layers HTTP/1.1\r\nHost: localhost\r\n\r\n"
                                    .getBytes(US_ASCII));
            Future<String> answer = answer(third);
            Thread.sleep(500);
            assertThat(answer).isNotDone();
            first.shutdownOutput();
            assertThat(answer.get(8, TimeUnit.SECONDS)).startsWith("HTTP/1.1 200");
            assertThat(second.isConnected()).isTrue();
        }
    }

    /// An accepted request is finished, even while its body still arrives.
    @Test
    void aShutdownWaitsForWhatWasAccepted() throws Exception {
        ServiceUnderTest stopping = new ServiceUnderTest();
        String body = BODY.formatted("stop");
        try (Socket socket = post(stopping, body.length(), body.substring(0, 10))) {
            Future<?> stop =
                    THREADS.submit(() -> {
                        stopping.close();
                        return null;
                    });
            Thread.sleep(500);
            assertThat(stop).isNotDone();
            socket.getOutputStream().write(body.substring(10).getBytes(US_ASCII));
            assertThat(answer(socket).get(8, TimeUnit.SECONDS)).startsWith("HTTP/1.1 201");
            stop.get(15, TimeUnit.SECONDS);
        }
    }

    private static Socket connect(ServiceUnderTest service) throws IOException {
        Socket socket = new Socket();
        socket.connect(address(service));
        return socket;
    }

    private static InetSocketAddress address(ServiceUnderTest service) {
        return new InetSocketAddress(
                InetAddress.getLoopbackAddress(), service.client().root().getPort());
    }

    private static Socket post(int length, String begin) throws IOException, InterruptedException {
        return post(service, length, begin);
    }

    /// Returns when the service has counted the bytes, which orders the requests.
    private static Socket post(ServiceUnderTest service, int length, String begin)
            throws IOException, InterruptedException {
        Socket socket = connect(service);
        String head =
                """
                POST /api/v1/layers HTTP/1.1\r
                Host: localhost\r
                Content-Type: application/json\r
                Content-Length: %d\r
                \r
                """
                        .formatted(length);
        socket.getOutputStream().write((head + begin).getBytes(US_ASCII));
        Thread.sleep(200);
        if (begin.length() == LONG.length()) {
            awaitHeld(service, held -> held >= LONG.length());
        }
        return socket;
    }

    private static void awaitHeld(ServiceUnderTest service, LongPredicate condition)
            throws IOException, InterruptedException {
        long start = System.nanoTime();
        while (!condition.test(held(service))) {
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isLessThan(Duration.ofSeconds(40));
            Thread.sleep(20);
        }
    }

    /// Returns the bytes held by requests.
    private static long held(ServiceUnderTest service) throws IOException {
        String metrics = service.client().get("//actuator/prometheus").expect(200).body();
        Matcher matcher = HELD.matcher(metrics);
        assertThat(matcher.find()).isTrue();
        return (long) Double.parseDouble(matcher.group(1));
    }

    /// Returns the response up to the end of its JSON.
    private static Future<String> answer(Socket socket) {
        return THREADS.submit(() -> {
            StringBuilder answer = new StringBuilder();
            byte[] buffer = new byte[4096];
            for (int read = 0; read >= 0 && answer.indexOf("}") < 0; ) {
                read = socket.getInputStream().read(buffer);
                answer.append(new String(buffer, 0, Math.max(read, 0), US_ASCII));
            }
            return answer.toString();
        });
    }
}
