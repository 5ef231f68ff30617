package batchnorm.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// One end of a connection over loopback, the other end of which is the test's.
@Timeout(20)
class EagerChannelTest {
    private final SocketMemory memory = new SocketMemory();
    private Runnable meanwhile = () -> {};
    private boolean othersWait;
    private int steps;
    private long now;
    private SocketChannel client;
    private SocketChannel server;
    private EagerChannel channel;

    @BeforeEach
    void connect() throws IOException {
        try (ServerSocketChannel listener = ServerSocketChannel.open()) {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            client = SocketChannel.open(listener.getLocalAddress());
            server = listener.accept();
        }
        server.configureBlocking(false);
        channel =
                new EagerChannel(
                        memory,
                        () -> othersWait,
                        () -> {
                            steps++;
                            meanwhile.run();
                        },
                        () -> now);
        channel.reset(server, null);
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        server.close();
    }

    @Test
    void givesWhatCameInPiecesAsTheyAreAskedFor() throws IOException {
        send("one two three");
        assertThat(receive(4)).isEqualTo("one ");
        assertThat(receive(4)).isEqualTo("two ");
        assertThat(receive(100)).isEqualTo("three");
        assertThat(receive(100)).isEmpty();
        assertThat(lent()).isZero();
    }

    /// A request may have to wait, and its body with it, in the network.
    @Test
    void holdsNothingOfARequestThatHasJustBegun() throws IOException {
        send("head body");
        assertThat(receive(5)).isEqualTo("head ");
        assertThat(lent()).isZero();
        assertThat(receive(1)).isEqualTo("b");
        assertThat(lent()).isEqualTo(1);
        assertThat(receive(100)).isEqualTo("ody");
        assertThat(channel.write(ByteBuffer.allocate(1))).isEqualTo(1);
        send("head");
        assertThat(receive(2)).isEqualTo("he");
        assertThat(lent()).isZero();
    }

    /// Whatever has come, in whatever pieces it is read, nothing is lost or comes twice.
    @Test
    void givesTheBytesThatWereSent() throws Exception {
        byte[] sent = new byte[5 * SocketMemory.SIZE + 7];
        Random random = new Random(7);
        random.nextBytes(sent);
        Thread sender = Thread.ofVirtual().start(() -> write(ByteBuffer.wrap(sent)));
        ByteBuffer all = ByteBuffer.allocate(sent.length);
        while (all.hasRemaining()) {
            ByteBuffer piece =
                    ByteBuffer.allocate(1 + random.nextInt(Math.min(all.remaining(), 1 << 16)));
            assertThat(channel.read(piece)).isEqualTo(piece.position());
            all.put(piece.flip());
        }
        sender.join();
        assertThat(all.array()).isEqualTo(sent);
        assertThat(lent()).isZero();
    }

    @Test
    void looksAgainAfterItLetOthersRun() throws IOException {
        meanwhile = () -> send("late");
        assertThat(receive(100)).isEqualTo("late");
        assertThat(steps).isEqualTo(1);
    }

    @Test
    void looksTwiceAndNoMore() throws IOException {
        assertThat(receive(100)).isEmpty();
        assertThat(steps).isEqualTo(1);
        assertThat(lent()).isZero();
    }

    /// Who reads a body keeps others from a processor.
    @Test
    void looksOnceForMoreOfABody() throws IOException {
        send("head");
        assertThat(receive(4)).isEqualTo("head");
        assertThat(receive(100)).isEmpty();
        assertThat(steps).isZero();
    }

    @Test
    void looksOnceWhenOthersWait() throws IOException {
        othersWait = true;
        assertThat(receive(100)).isEmpty();
        assertThat(steps).isZero();
    }

    /// Else its thread would always be before those that something outside wakes.
    @Test
    void looksOnceWhenItsTurnIsOver() throws IOException {
        now = TimeUnit.MILLISECONDS.toNanos(5);
        assertThat(receive(100)).isEmpty();
        assertThat(steps).isZero();
        channel.begin();
        assertThat(receive(100)).isEmpty();
        assertThat(steps).isEqualTo(1);
    }

    @Test
    void stepsBackBeforeItWaitsForAClientThatDoesNotRead() throws IOException {
        ByteBuffer answer = ByteBuffer.allocate(1 << 16);
        while (steps == 0) {
            answer.clear();
            while (answer.hasRemaining() && steps == 0) {
                channel.write(answer);
            }
        }
        meanwhile = this::drain;
        int before = answer.remaining();
        assertThat(channel.write(answer)).isPositive();
        assertThat(steps).isEqualTo(2);
        assertThat(answer.remaining()).isLessThan(before);
        now = TimeUnit.MILLISECONDS.toNanos(5);
        meanwhile = () -> {};
        while (channel.write(answer.clear()) > 0) {}
        assertThat(steps).isEqualTo(2);
    }

    @Test
    void tellsTheEnd() throws IOException {
        send("end");
        client.shutdownOutput();
        assertThat(receive(100)).isEqualTo("end");
        assertThat(channel.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        assertThat(lent()).isZero();
    }

    @Test
    void readsWithoutABufferWhenAllAreLent() throws IOException {
        for (int i = 0; i < SocketMemory.BUFFERS; i++) {
            assertThat(memory.lend()).isNotNull();
        }
        send("one two");
        assertThat(receive(4)).isEqualTo("one ");
        assertThat(receive(4)).isEqualTo("two");
        assertThat(receive(4)).isEmpty();
    }

    /// Who closes a connection may be another thread than the one that reads from it.
    @Test
    void doesNotGiveBackWhatSomebodyMayStillBeReading() throws IOException {
        leaveSomeOfABody();
        channel.reset(null, null);
        assertThat(FreeBuffers.of(memory))
                .hasSize(SocketMemory.BUFFERS)
                .allSatisfy(buffer -> assertThat(buffer.get(0)).isZero());
    }

    @Test
    void aNewConnectionDoesNotFindWhatTheLastOneLeft() throws IOException {
        leaveSomeOfABody();
        channel.reset(server, null);
        assertThat(receive(100)).isEmpty();
        send("head body");
        assertThat(receive(5)).isEqualTo("head ");
        assertThat(lent()).isZero();
    }

    private void leaveSomeOfABody() throws IOException {
        send("one two");
        assertThat(receive(1)).isEqualTo("o");
        assertThat(receive(3)).isEqualTo("ne ");
    }

    private void send(String text) {
        write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
    }

    private void write(ByteBuffer bytes) {
        try {
            while (bytes.hasRemaining()) {
                client.write(bytes);
            }
        } catch (IOException broken) {
            throw new AssertionError(broken);
        }
    }

    private String receive(int atMost) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(atMost);
        channel.read(buffer);
        return StandardCharsets.US_ASCII.decode(buffer.flip()).toString();
    }

    private void drain() {
        try {
            client.configureBlocking(false);
            while (client.read(ByteBuffer.allocate(1 << 20)) > 0) {}
        } catch (IOException broken) {
            throw new AssertionError(broken);
        }
    }

    private int lent() {
        return SocketMemory.BUFFERS - FreeBuffers.of(memory).size();
    }
}
