package batchnorm.storage;

import batchnorm.fixtures.RandomSeed;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// A proxy between a store and its PostgreSQL server that injects network faults.
public final class FaultyNetwork implements AutoCloseable {
    /// The prefix of the server's response to a durable commit: the tag of its CommandComplete
    /// message.
    private static final String COMMITTED = "COMMIT\0";

    private final int target;
    private final Random losses = RandomSeed.random(1);
    private final ServerSocket entrance;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicInteger dropped = new AtomicInteger();
    private volatile double lossOfCommits;
    private volatile boolean silent;

    /// @param target the server's port
    public FaultyNetwork(int target) throws IOException {
        this.target = target;
        this.entrance = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    public int port() {
        return entrance.getLocalPort();
    }

    /// Cuts the connection, with this probability, when the server reports a commit. The client
    /// never receives the report.
    public void loseCommits(double probability) {
        lossOfCommits = probability;
    }

    public int dropped() {
        return dropped.get();
    }

    /// Drops all bytes in both directions without closing connections.
    void fallSilent() {
        silent = true;
    }

    /// Forwards new connections again; silent ones stay silent.
    void recover() {
        silent = false;
    }

    private void accept() {
        while (!entrance.isClosed()) {
            try {
                Socket client = entrance.accept();
                sockets.add(client);
                if (!silent) {
                    Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
                    sockets.add(server);
                    Thread.ofVirtual().start(() -> carry(client, server));
                    Thread.ofVirtual().start(() -> carry(server, client));
                }
            } catch (IOException unreachable) {
                // The client sees a closed or refused connection.
            }
        }
    }

    private void carry(Socket from, Socket to) {
        byte[] bytes = new byte[1 << 16];
        try (from;
                to;
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            for (int length; (length = in.read(bytes)) > 0; ) {
                if (silent) {
                    Thread.sleep(Long.MAX_VALUE);
                }
                if (isLost(from, new String(bytes, 0, length, StandardCharsets.ISO_8859_1))) {
                    dropped.incrementAndGet();
                    return;
                }
                out.write(bytes, 0, length);
            }
        } catch (IOException | InterruptedException ended) {
            // Both sides are closed.
        }
    }

    private boolean isLost(Socket from, String text) {
        return from.getPort() == target
                && text.contains(COMMITTED)
                && losses.nextDouble() < lossOfCommits;
    }

    @Override
    public void close() throws IOException {
        cut();
    }

    /// Cuts every connection and refuses others.
    public void cut() throws IOException {
        entrance.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
