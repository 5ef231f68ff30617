package batchnorm.codec.binary;

import batchnorm.codec.MalformedTensor;
import batchnorm.codec.body.BodySection;
import batchnorm.codec.body.BulkInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// The bytes of a binary body, a bufferful at a time.
///
/// The buffer is open to those who decode elements straight from it.
public final class BinaryBody implements AutoCloseable {
    private static final int CAPACITY = 1 << 14;

    private final InputStream body;
    private final String path;
    private long start;

    /// What was read and not yet taken, between position and limit.
    public final ByteBuffer buffer;

    /// @param path what to name in complaints
    /// @param size of the body, if that is known; large is fine
    public BinaryBody(InputStream body, String path, long size) {
        this.body = body;
        this.path = path;
        byte[] bytes = BufferPool.acquire(Math.clamp(size, 64, CAPACITY));
        this.buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).limit(0);
    }

    /// Gives the buffer up, which must not be touched any more; the stream stays open. A body that
    /// is not closed leaves it to the collector.
    @Override
    public void close() {
        BufferPool.release(buffer.array());
    }

    /// Makes at least `count` bytes available, at most the capacity.
    ///
    /// @throws MalformedTensor when the body ends before
    public void require(int count, String what) throws IOException {
        while (buffer.remaining() < count) {
            if (!refill()) {
                throw malformed("the body ends in the middle of " + what);
            }
        }
    }

    /// Reads more into the buffer, which is not full.
    ///
    /// @return whether there was more
    boolean refill() throws IOException {
        start += buffer.position();
        buffer.compact();
        int read = body.read(buffer.array(), buffer.position(), buffer.remaining());
        buffer.position(buffer.position() + Math.max(read, 0)).flip();
        return read >= 0;
    }

    /// Takes bytes out, as many as the array holds.
    public void read(byte[] target, String what) throws IOException {
        int filled = 0;
        while (filled < target.length) {
            require(1, what);
            int count = Math.min(target.length - filled, buffer.remaining());
            buffer.get(target, filled, count);
            filled += count;
        }
    }

    /// Passes over bytes, as many as there must be.
    public void skip(long count, String what) throws IOException {
        for (long rest = count; rest > 0; ) {
            require(1, what);
            int step = (int) Math.min(rest, buffer.remaining());
            buffer.position(buffer.position() + step);
            rest -= step;
        }
    }

    /// The bytes that come next as a stream that ends behind them.
    public InputStream section(long length, String what) {
        InputStream rest =
                new BulkInputStream(body) {
                    @Override
                    public int read(byte[] target, int offset, int count) throws IOException {
                        require(1, what);
                        int read = Math.min(count, buffer.remaining());
                        buffer.get(target, offset, read);
                        return read;
                    }
                };
        return new BodySection(rest, length);
    }

    /// Whether no byte is left.
    public boolean atEnd() throws IOException {
        while (!buffer.hasRemaining()) {
            if (!refill()) {
                return true;
            }
        }
        return false;
    }

    /// @throws MalformedTensor when a byte is left
    public void requireEnd() throws IOException {
        if (!atEnd()) {
            throw malformed("the body goes on behind its end");
        }
    }

    /// The place in the body of the next byte.
    public long offset() {
        return start + buffer.position();
    }

    /// A complaint about the next byte.
    public MalformedTensor malformed(String reason) {
        return new MalformedTensor(path, path + ", byte " + offset() + ": " + reason);
    }
}
