package batchnorm.service.connections;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Tests keep-alive connections of clients with several addresses of this machine.
class KeepAliveTest {
    private static final int LIMIT = 3;
    private static ServiceUnderTest service;
    private final List<Socket> sockets = new ArrayList<>();

    @BeforeAll
    static void start() throws IOException {
        service =
                new ServiceUnderTest(
                        "BATCHNORM_MAX_CLIENT_CONNECTIONS=" + LIMIT,
                        "server.jetty.connection-idle-timeout=1s");
    }

    @AfterAll
    static void stop() throws IOException {
        service.close();
    }

    @AfterEach
    void closeSockets() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    @Test
    void oneClientKeepsNoMoreThanItsPart() throws IOException {
        for (int i = 0; i < LIMIT; i++) {
            assertThat(get("127.0.0.2", "/api/v1/layers")).doesNotContain("Connection: close");
        }
        assertThat(get("127.0.0.2", "/api/v1/layers"))
                .startsWith("HTTP/1.1 200")
                .contains("Connection: close");
        assertThat(get("127.0.0.2", "/api/v1/layers/none"))
                .as("a refusal")
                .startsWith("HTTP/1.1 404")
                .contains("Connection: close");
        assertThat(get("127.0.0.3", "/api/v1/layers"))
                .as("another client")
                .startsWith("HTTP/1.1 200")
                .doesNotContain("Connection: close");
    }

    @Test
    void connectionsThatWereClosedDoNotCount() throws Exception {
        for (int i = 0; i < LIMIT; i++) {
            get("127.0.0.4", "/api/v1/layers");
        }
        closeSockets();
        Thread.sleep(1_200);
        assertThat(get("127.0.0.4", "/api/v1/layers")).doesNotContain("Connection: close");
    }

    /// Returns the head of the response on a new connection, which stays open.
    private String get(String client, String path) throws IOException {
        Socket socket = new Socket();
        sockets.add(socket);
        socket.bind(new InetSocketAddress(InetAddress.ofLiteral(client), 0));
        socket.connect(
                new InetSocketAddress(
                        InetAddress.getLoopbackAddress(), service.client().root().getPort()),
                5_000);
        socket.setSoTimeout(8_000);
        socket.getOutputStream()
                .write(
                        "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n"
                                .formatted(path)
                                .getBytes(US_ASCII));
        StringBuilder head = new StringBuilder();
        InputStream in = socket.getInputStream();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            assertThat(next).as("%s", head).isNotNegative();
            head.append((char) next);
        }
        return head.toString();
    }
}
