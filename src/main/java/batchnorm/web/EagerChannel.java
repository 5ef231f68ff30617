package batchnorm.web;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.NioEndpoint;
import org.jspecify.annotations.Nullable;

/// A connection that takes all of a body that has come at once, however little it is asked for, and
/// looks twice for its next request, or for room for an answer, before its thread waits: others run
/// between the two looks. To have a connection watched, and a thread started when something comes,
/// costs as much as a small request. For a body it looks once: whoever reads one has a place at the
/// processors ([AdmissionControl]), and must not step back with that.
final class EagerChannel extends NioChannel {
    private final SocketMemory memory;
    private final LentBuffer gathered;
    private final BooleanSupplier othersWait;
    private final Runnable stepBack;
    private final LongSupplier nanoTime;
    private long began;

    /// Whether what comes next begins a request. That may have to wait for its turn, and who waits
    /// shall hold nothing.
    private boolean startsRequest = true;

    /// What has come and was not asked for yet.
    private @Nullable ByteBuffer ahead;

    @SuppressWarnings("ThreadPriorityCheck") // to go on later is all that is asked of the scheduler
    EagerChannel(SocketMemory memory, BooleanSupplier othersWait) {
        this(memory, othersWait, Thread::yield, System::nanoTime);
    }

    /// @param othersWait whether requests have come that nobody has looked at
    /// @param stepBack lets others run
    EagerChannel(
            SocketMemory memory,
            BooleanSupplier othersWait,
            Runnable stepBack,
            LongSupplier nanoTime) {
        LentBuffer gathered = new LentBuffer(memory);
        super(gathered);
        this.memory = memory;
        this.gathered = gathered;
        this.othersWait = othersWait;
        this.stepBack = stepBack;
        this.nanoTime = nanoTime;
    }

    /// A thread begins to serve this connection.
    void begin() {
        began = nanoTime.getAsLong();
    }

    /// It has done so, and writes no more.
    void rest() {
        gathered.rest();
    }

    @Override
    public int read(ByteBuffer destination) throws IOException {
        ByteBuffer come = ahead;
        if (come == null) {
            if (startsRequest) {
                return readFirst(destination);
            }
            come = memory.lend();
            if (come == null) {
                return super.read(destination);
            }
            ahead = come;
            int read = super.read(come);
            come.flip();
            if (read <= 0) {
                giveBack(come);
                return read;
            }
        }
        int count = Math.min(come.remaining(), destination.remaining());
        destination.put(come.slice(come.position(), count));
        come.position(come.position() + count);
        if (!come.hasRemaining()) {
            giveBack(come);
        }
        return count;
    }

    private int readFirst(ByteBuffer destination) throws IOException {
        int read = super.read(destination);
        if (read == 0 && hasTurn()) {
            stepBack.run();
            read = super.read(destination);
        }
        startsRequest = read <= 0;
        return read;
    }

    private void giveBack(ByteBuffer read) {
        ahead = null;
        memory.giveBack(read);
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        startsRequest = true;
        int written = super.write(source);
        if (written == 0 && source.hasRemaining() && hasTurn()) {
            stepBack.run();
            written = super.write(source);
        }
        return written;
    }

    private boolean hasTurn() {
        return !othersWait.getAsBoolean() && nanoTime.getAsLong() - began < RequestExecutor.TURN;
    }

    /// The connection has ended, or begins. Somebody may still be reading from it.
    @Override
    public void reset(
            @Nullable SocketChannel channel, NioEndpoint.@Nullable NioSocketWrapper wrapper)
            throws IOException {
        super.reset(channel, wrapper);
        startsRequest = true;
        if (ahead != null) {
            ahead = null;
            memory.lose();
        }
    }
}
