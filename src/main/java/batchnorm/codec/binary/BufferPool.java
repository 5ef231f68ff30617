package batchnorm.codec.binary;

import batchnorm.tensor.ArrayPool;

/// Large buffers for bytes, which serve one body after the other.
public final class BufferPool {
    private static final ArrayPool<byte[]> FREE =
            new ArrayPool<>(byte[]::new, buffer -> buffer.length);

    /// What is left to who has given a buffer back.
    public static final byte[] NONE = {};

    private BufferPool() {}

    /// A buffer that holds anything.
    public static byte[] acquire(int length) {
        return FREE.acquire(length);
    }

    /// Takes a buffer back from who will not touch it again.
    public static void release(byte[] buffer) {
        FREE.release(buffer);
    }
}
