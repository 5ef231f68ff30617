package batchnorm.codec.binary;

import batchnorm.codec.MalformedTensor;
import batchnorm.codec.body.BodySection;
import batchnorm.codec.body.BulkInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// The bytes of a binary body, read through a buffer. Decoders read elements directly from the
/// buffer.
public final class BinaryBody implements AutoCloseable {
    private static final int CAPACITY = 1 << 14;

    private final InputStream body;
    private final String path;
    private long start;

    /// The unread bytes, between position and limit.
    public final ByteBuffer buffer;

    /// @param path the name for error messages
    /// @param size of the body if known, otherwise a large number
    public BinaryBody(InputStream body, String path, long size) {
        this.body = body;
        this.path = path;
        byte[] bytes = BufferPool.acquire(Math.clamp(size, 64, CAPACITY));
        this.buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).limit(0);
    }

    /// Releases the buffer; the stream stays open. The buffer must not be used afterwards. Without
    /// this call, the buffer is garbage-collected.
    @Override
    public void close() {
        BufferPool.release(buffer.array());
    }

    /// Makes at least `count` bytes available, at most the capacity.
    ///
    /// @throws MalformedTensor when the body ends early
    public void require(int count, String what) throws IOException {
        while (buffer.remaining() < count) {
            if (!refill()) {
                throw malformed("the body ends in the middle of " + what);
            }
        }
    }

    /// Reads more bytes into the buffer. It must not be full.
    ///
    /// @return whether any byte was read
    boolean refill() throws IOException {
        start += buffer.position();
        buffer.compact();
        int read = body.read(buffer.array(), buffer.position(), buffer.remaining());
        buffer.position(buffer.position() + Math.max(read, 0)).flip();
        return read >= 0;
    }

    /// Reads bytes until the array is full.
    public void read(byte[] target, String what) throws IOException {
        int filled = 0;
        while (filled < target.length) {
            require(1, what);
            int count = Math.min(target.length - filled, buffer.remaining());
            buffer.get(target, filled, count);
            filled += count;
        }
    }

    /// Skips exactly `count` bytes.
    public void skip(long count, String what) throws IOException {
        for (long rest = count; rest > 0; ) {
            require(1, what);
            int step = (int) Math.min(rest, buffer.remaining());
            buffer.position(buffer.position() + step);
            rest -= step;
        }
    }

    /// Returns the next `length` bytes as a stream.
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

    /// Returns whether the body has no more bytes.
    public boolean atEnd() throws IOException {
        while (!buffer.hasRemaining()) {
            if (!refill()) {
                return true;
            }
        }
        return false;
    }

    /// @throws MalformedTensor when bytes are left
    public void requireEnd() throws IOException {
        if (!atEnd()) {
            throw malformed("the body continues after its end");
        }
    }

    /// Returns the offset of the next byte.
    public long offset() {
        return start + buffer.position();
    }

    /// Returns an exception that names the offset of the next byte.
    public MalformedTensor malformed(String reason) {
        return new MalformedTensor(path, path + ", byte " + offset() + ": " + reason);
    }
}
