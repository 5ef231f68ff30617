package batchnorm.service.connections;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.ServiceUnderTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Tests clients that request a backup and do not read it.
class SlowBackupsTest {
    private static ServiceUnderTest service;

    @BeforeAll
    static void start() throws IOException {
        service = new ServiceUnderTest("BATCHNORM_BACKUP_TIMEOUT=4s");
        // Exceeds the buffers of a socket: 32 MB.
        service.client().layer("\"features\": 1000000");
    }

    @AfterAll
    static void stop() throws IOException {
        service.close();
    }

    @Test
    void holdOneCopyAndOnlyForATime() throws Exception {
        Instant begun = Instant.now();
        try (Socket slow = ask();
                Socket other = ask()) {
            String first =
                    new String(slow.getInputStream().readNBytes(600), StandardCharsets.ISO_8859_1);
            assertThat(first).startsWith("HTTP/1.1 200");
            assertThat(
                            new String(
                                    other.getInputStream().readAllBytes(),
                                    StandardCharsets.ISO_8859_1))
                    .startsWith("HTTP/1.1 503")
                    .containsIgnoringCase("Retry-After: 10")
                    .contains("/problems/overloaded");
            assertThat(copies()).hasSize(1);
            service.client().layer("");
            while (!copies().isEmpty()) {
                assertThat(Duration.between(begun, Instant.now()))
                        .isLessThan(Duration.ofSeconds(60));
                Thread.sleep(50);
            }
            assertThat(Duration.between(begun, Instant.now())).isGreaterThan(Duration.ofSeconds(3));
            Matcher length = Pattern.compile("(?i)content-length: (\\d+)").matcher(first);
            assertThat(length.find()).as(first).isTrue();
            assertThat((long) rest(slow)).isLessThan(Long.parseLong(length.group(1)) - 600);
        }
        try (Socket next = ask()) {
            assertThat(
                            new String(
                                    next.getInputStream().readNBytes(12),
                                    StandardCharsets.ISO_8859_1))
                    .isEqualTo("HTTP/1.1 200");
        }
    }

    private static Socket ask() throws IOException, InterruptedException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.setSoTimeout(30_000);
        socket.connect(
                new InetSocketAddress(
                        InetAddress.getLoopbackAddress(), service.client().root().getPort()));
        socket.getOutputStream()
                .write(
                        "GET /actuator/backup HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                                .getBytes(StandardCharsets.US_ASCII));
        Thread.sleep(300); // orders the requests
        return socket;
    }

    /// Returns the number of remaining bytes.
    private static int rest(Socket socket) throws IOException {
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        try {
            InputStream in = socket.getInputStream();
            in.transferTo(read);
        } catch (SocketException reset) {
            // The service has cut the connection.
        }
        return read.size();
    }

    /// Returns the open files of this process, deleted or not, that are copies of a store.
    private static List<String> copies() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.map(SlowBackupsTest::target)
                    .filter(file -> file.contains("batchnorm.copy"))
                    .toList();
        }
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException closedMeanwhile) {
            return "";
        }
    }
}
