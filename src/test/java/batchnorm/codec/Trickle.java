package batchnorm.codec;

import java.io.InputStream;

/// A body that arrives a few bytes at a time, so that a reader's buffer ends at every position.
public final class Trickle extends InputStream {
    private final byte[] bytes;
    private final int step;
    private int at;

    public Trickle(byte[] bytes, int step) {
        this.bytes = bytes;
        this.step = step;
    }

    @Override
    public int read() {
        return at < bytes.length ? bytes[at++] & 0xFF : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
        if (at == bytes.length) {
            return -1;
        }
        int count = Math.min(Math.min(step, length), bytes.length - at);
        System.arraycopy(bytes, at, target, offset, count);
        at += count;
        return count;
    }
}
