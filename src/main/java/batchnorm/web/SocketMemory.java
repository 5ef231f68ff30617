package batchnorm.web;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.tomcat.util.collections.SynchronizedStack;
import org.jspecify.annotations.Nullable;

/// Large buffers, which the system calls take as they are, for whoever moves bytes through a socket
/// right now: few calls move many bytes, and a connection that is silent holds none of them. The
/// last one that came back is lent first, as it is still in a cache.
final class SocketMemory {
    /// Bytes of a buffer: half a tensor of 64×256 in JSON, and small enough to stay in the cache of
    /// a core.
    static final int SIZE = 1 << 17;

    /// Buffers there are at most; who comes too late does with less.
    static final int BUFFERS = 64;

    private final SynchronizedStack<ByteBuffer> idle = new SynchronizedStack<>(BUFFERS, BUFFERS);
    private final AtomicInteger made = new AtomicInteger();

    /// @return null when all are lent
    @Nullable ByteBuffer lend() {
        ByteBuffer buffer = idle.pop();
        if (buffer != null) {
            return buffer;
        }
        boolean mayBeMade = made.getAndUpdate(count -> Math.min(count + 1, BUFFERS)) < BUFFERS;
        return mayBeMade ? ByteBuffer.allocateDirect(SIZE) : null;
    }

    /// Takes a buffer back from who will not touch it again.
    void giveBack(ByteBuffer lent) {
        idle.push(lent.clear());
    }

    /// A buffer does not come back, because it is not certain that nobody touches it again: others
    /// would find foreign bytes in theirs.
    void lose() {
        made.decrementAndGet();
    }
}
