package batchnorm.codec.body;

import batchnorm.codec.BodyTooLarge;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/// A body that throws [BodyTooLarge] beyond its limit, whatever its announced length.
public final class BoundedBody extends FilterInputStream {
    private final long limit;
    private long remaining;

    private BoundedBody(InputStream body, long limit) {
        super(body);
        this.limit = limit;
        this.remaining = limit;
    }

    /// @param announced length of the body; negative when unknown
    /// @throws BodyTooLarge when the announced length exceeds the limit
    public static BoundedBody of(InputStream body, long announced, long limit) {
        requireWithin(announced, limit);
        return new BoundedBody(body, limit);
    }

    /// Rejects an announced length before a byte is read.
    ///
    /// @throws BodyTooLarge when it exceeds the limit
    public static void requireWithin(long announced, long limit) {
        if (announced > limit) {
            throw tooLarge(limit);
        }
    }

    private static BodyTooLarge tooLarge(long limit) {
        return new BodyTooLarge(
                "the body is larger than the limit of "
                        + limit
                        + " bytes; split the batch, or raise BATCHNORM_MAX_BODY_BYTES");
    }

    @Override
    public int read() throws IOException {
        int read = super.read();
        count(read < 0 ? 0 : 1);
        return read;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        int read = super.read(buffer, offset, length);
        count(Math.max(read, 0));
        return read;
    }

    @Override
    public long skip(long bytes) throws IOException {
        long skipped = super.skip(bytes);
        count(skipped);
        return skipped;
    }

    private void count(long read) {
        remaining -= read;
        if (remaining < 0) {
            throw tooLarge(limit);
        }
    }
}
