package batchnorm.service;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Wire.Reply;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Clients that send slowly, do not send, do not read, or send too much at once.
class SlowClientsTest {
    private static final String BODY = "{\"name\": \"slow-%s\", \"features\": 2}          ";
    private static final ExecutorService THREADS = Executors.newVirtualThreadPerTaskExecutor();
    private static ServiceUnderTest service;

    @BeforeAll
    static void start() throws IOException {
        service =
                new ServiceUnderTest(
                        "BATCHNORM_BODY_GRACE=1s",
                        "BATCHNORM_MIN_BODY_RATE=1000",
                        "BATCHNORM_SILENCE_TIMEOUT=2s",
                        "BATCHNORM_IN_FLIGHT_BYTES=65536",
                        "BATCHNORM_ADMISSION_TIMEOUT=900ms",
                        "BATCHNORM_MAX_WAITING=1");
    }

    @AfterAll
    static void stop() throws IOException {
        service.close();
    }

    /// However steadily: each byte comes in time, the whole does not.
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

    /// However steadily, too: silence is not what is missing.
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
    void aBodyThatWaitsGetsItsTurn() throws Exception {
        String body = BODY.formatted("turn");
        try (Socket first = post(65_000, "");
                Socket second = post(body.length(), body)) {
            Future<String> answer = answer(second);
            assertThat(answer).isNotDone();
            first.shutdownOutput();
            assertThat(answer.get(8, TimeUnit.SECONDS)).startsWith("HTTP/1.1 201");
        }
    }

    @Test
    void aRefusedBodySaysWhenToRetry() throws Exception {
        try (Socket first = post(65_000, "");
                Socket second = post(65_000, "")) {
            assertThat(answer(second).get(8, TimeUnit.SECONDS))
                    .startsWith("HTTP/1.1 503")
                    .containsIgnoringCase("Retry-After: 1")
                    .contains("/problems/overloaded");
            assertThat(first.isConnected()).isTrue();
        }
    }

    @Test
    void aBodyInChunksIsCountedAsItComes() throws Exception {
        try (Socket filling = post(60_000, "")) {
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

    /// Its few bytes find room, the many that they become do not.
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
        try (Socket filling = post(60_000, "")) {
            Reply refused = wire.post(model + "/infer", compressed.toByteArray(), coding);
            assertThat(refused.expect(503).error()).contains("memory");
            assertThat(refused.header("Retry-After")).isNotEmpty();
            assertThat(filling.isConnected()).isTrue();
        }
        // That the other has gone shows a moment later.
        long start = System.nanoTime();
        Reply reply = wire.post(model + "/infer", compressed.toByteArray(), coding);
        while (reply.status() == 503 && System.nanoTime() - start < TimeUnit.SECONDS.toNanos(8)) {
            Thread.sleep(20);
            reply = wire.post(model + "/infer", compressed.toByteArray(), coding);
        }
        reply.expect(200);
    }

    /// The room of a body that is larger than all of it is all of it.
    @Test
    void aBodyBeyondTheBudgetComesAlone() throws IOException {
        service.client()
                .post("/layers", "{\"name\": \"large\"" + " ".repeat(100_000) + "}")
                .expect(201);
    }

    @Test
    void aReaderWhoDoesNotReadIsCut() throws Exception {
        String layer = service.client().layer("\"features\": 1000000");
        try (Socket socket = new Socket()) {
            socket.setReceiveBufferSize(4096);
            socket.connect(address(service));
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

    /// In the system's queue, where it costs the service nothing.
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

    /// What was accepted is finished, also when its body still comes.
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

    /// Comes back when the service has had time to see it, so that who is first is first.
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
        return socket;
    }

    /// What is answered, up to the end of its JSON.
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
