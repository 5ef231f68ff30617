package batchnorm.codec;

import batchnorm.tensor.ArrayPool;

/// Large buffers for bytes, which serve one body after the other.
final class BufferPool {
    private static final ArrayPool<byte[]> FREE =
            new ArrayPool<>(byte[]::new, buffer -> buffer.length);

    /// What is left to who has given a buffer back.
    static final byte[] NONE = {};

    private BufferPool() {}

    /// A buffer that holds anything.
    static byte[] take(int length) {
        return FREE.take(length);
    }

    /// Takes a buffer back from who will not touch it again.
    static void giveBack(byte[] buffer) {
        FREE.give(buffer);
    }
}
