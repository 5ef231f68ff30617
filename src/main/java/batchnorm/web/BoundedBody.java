package batchnorm.web;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/// A body that ends in [batchnorm.codec.BodyTooLarge] when it runs past its limit, whatever length
/// it announced.
final class BoundedBody extends FilterInputStream {
    private final long limit;
    private long remaining;

    BoundedBody(InputStream body, long limit) {
        super(body);
        this.limit = limit;
        this.remaining = limit;
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
            throw Exchange.tooLarge(limit);
        }
    }
}
