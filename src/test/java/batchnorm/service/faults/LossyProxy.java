package batchnorm.service.faults;

import batchnorm.fixtures.RandomSeed;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// A proxy that loses responses of a service that has executed the requests.
final class LossyProxy implements AutoCloseable {
    private final int target;
    private final double loss;
    private final Random losses = RandomSeed.random(1);
    private final ServerSocket entrance;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicInteger dropped = new AtomicInteger();

    /// @param target the service's port
    /// @param loss the probability that a connection is cut instead of delivering the response
    LossyProxy(int target, double loss) throws IOException {
        this.target = target;
        this.loss = loss;
        this.entrance = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return entrance.getLocalPort();
    }

    int dropped() {
        return dropped.get();
    }

    private void accept() {
        while (!entrance.isClosed()) {
            try {
                Socket client = entrance.accept();
                sockets.add(client);
                Thread.ofVirtual().start(() -> connect(client));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void connect(Socket client) {
        try {
            Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
            sockets.add(server);
            Thread.ofVirtual().start(() -> carry(client, server, 0));
            carry(server, client, loss);
        } catch (IOException unreachable) {
            close(client);
        }
    }

    /// A single read returns a whole response, because responses are short.
    private void carry(Socket from, Socket to, double probability) {
        byte[] bytes = new byte[1 << 16];
        try (from;
                to;
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            for (int length; (length = in.read(bytes)) > 0; ) {
                if (losses.nextDouble() < probability) {
                    dropped.incrementAndGet();
                    return;
                }
                out.write(bytes, 0, length);
            }
        } catch (IOException ended) {
            // Both sides are closed.
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException closed) {
            // as meant
        }
    }

    @Override
    public void close() throws IOException {
        entrance.close();
        sockets.forEach(LossyProxy::close);
    }
}
