package batchnorm.client;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A server that reads the headers of each request and closes its connection. */
final class FaultyServer implements AutoCloseable {
    private final ServerSocket listening = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    private final List<String> keys = new CopyOnWriteArrayList<>();

    FaultyServer() throws IOException {
        Thread thread = new Thread(this::serve);
        thread.setDaemon(true);
        thread.start();
    }

    BatchNormClient client(Duration timeout) {
        return new BatchNormClient(URI.create("http://127.0.0.1:" + listening.getLocalPort()), null, timeout, 2);
    }

    /** Returns the idempotency key of each request; empty without one. */
    List<String> keys() {
        return keys;
    }

    private void serve() {
        while (!listening.isClosed()) {
            try (Socket socket = listening.accept();
                    BufferedReader lines =
                            new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))) {
                String key = "";
                for (String line = lines.readLine(); line != null && !line.isEmpty(); line = lines.readLine()) {
                    key = line.toLowerCase().startsWith("idempotency-key:") ? line : key;
                }
                keys.add(key);
            } catch (IOException end) {
                // of a connection, or of the server
            }
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
    }
}
