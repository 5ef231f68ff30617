package batchnorm.service.connections;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/// A reverse proxy that sends each request as HTTP/1.0 on its own connection, as nginx does by
/// default.
final class Http10Proxy implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicInteger requests = new AtomicInteger();
    private final int target;

    /// @param target the service's port on loopback
    Http10Proxy(int target) throws IOException {
        this.target = target;
        threads.execute(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    int requests() {
        return requests.get();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = server.accept();
                threads.execute(() -> forward(client));
            }
        } catch (IOException closed) {
            // The test has ended.
        }
    }

    private void forward(Socket client) {
        try (client;
                Socket service = new Socket(InetAddress.getLoopbackAddress(), target)) {
            String head = head(client.getInputStream());
            requests.incrementAndGet();
            service.getOutputStream()
                    .write(
                            head.replaceFirst(" HTTP/1\\.1\r\n", " HTTP/1.0\r\n")
                                    .replaceAll("(?i)\r\nConnection:[^\r]*", "")
                                    .getBytes(StandardCharsets.ISO_8859_1));
            threads.execute(() -> pump(client, service));
            service.getInputStream().transferTo(client.getOutputStream());
        } catch (IOException broken) {
            // The client sees the closed connection.
        }
    }

    /// Returns the request line and headers, with the empty line after them.
    private static String head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("the request ended early");
            }
            head.write(next);
        }
        return head.toString(StandardCharsets.ISO_8859_1);
    }

    private static void pump(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException ended) {
            // The response is complete.
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        threads.shutdownNow();
    }
}
