package batchnorm.codec.binary;

import batchnorm.tensor.ArrayPool;

/// A pool of large byte buffers, reused from body to body.
public final class BufferPool {
    private static final ArrayPool<byte[]> FREE =
            new ArrayPool<>(byte[]::new, buffer -> buffer.length);

    /// Replaces a buffer that was released.
    public static final byte[] NONE = {};

    private BufferPool() {}

    /// Acquires a buffer with arbitrary contents.
    public static byte[] acquire(int length) {
        return FREE.acquire(length);
    }

    /// Releases a buffer. The caller must not use it afterwards.
    public static void release(byte[] buffer) {
        FREE.release(buffer);
    }
}
