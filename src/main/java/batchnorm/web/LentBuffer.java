package batchnorm.web;

import java.nio.ByteBuffer;
import org.apache.tomcat.util.net.SocketBufferHandler;
import org.jspecify.annotations.Nullable;

/// Where Tomcat gathers what it writes to a socket: out of [SocketMemory], from the first byte of
/// an answer to its last.
final class LentBuffer extends SocketBufferHandler {
    /// As many bytes as Tomcat shall ask for at once. It reads into memory of its own, and wants
    /// nothing of this but its capacity.
    private static final ByteBuffer WINDOW =
            ByteBuffer.allocate(1 << 15).limit(0).asReadOnlyBuffer();

    /// Bytes to gather when all is lent.
    private static final int SMALL = 1 << 15;

    private static final ByteBuffer NONE = ByteBuffer.allocate(0);

    private final SocketMemory memory;
    private @Nullable ByteBuffer buffer;

    /// Whether bytes are put into the buffer now, or taken out of it.
    private boolean gathers = true;

    LentBuffer(SocketMemory memory) {
        super(0, 0, false);
        this.memory = memory;
    }

    @Override
    public ByteBuffer getReadBuffer() {
        return WINDOW;
    }

    @Override
    public ByteBuffer getWriteBuffer() {
        return buffer == null ? NONE : buffer;
    }

    @Override
    public void configureWriteBufferForWrite() {
        if (buffer == null) {
            ByteBuffer lent = memory.lend();
            buffer = lent == null ? ByteBuffer.allocate(SMALL) : lent;
        } else if (!gathers) {
            buffer.compact();
        }
        gathers = true;
    }

    @Override
    public void configureWriteBufferForRead() {
        if (buffer != null && gathers) {
            buffer.flip();
        }
        gathers = false;
    }

    @Override
    public boolean isWriteBufferWritable() {
        return buffer == null || gathers == buffer.hasRemaining();
    }

    @Override
    public boolean isWriteBufferEmpty() {
        return buffer == null || (gathers ? buffer.position() == 0 : !buffer.hasRemaining());
    }

    /// Gives the buffer back, if all that was gathered is on its way. Only who writes may say so.
    void rest() {
        ByteBuffer lent = buffer;
        if (lent != null && isWriteBufferEmpty()) {
            buffer = null;
            if (lent.isDirect()) {
                memory.giveBack(lent);
            }
        }
    }

    /// Forgets everything: the connection has ended, or begins.
    @Override
    public void reset() {
        if (buffer != null && buffer.isDirect()) {
            memory.lose();
        }
        buffer = null;
        gathers = true;
    }

    @Override
    public void free() {
        reset();
    }
}
