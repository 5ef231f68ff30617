package batchnorm.codec;

import batchnorm.tensor.FreeArrays;

/// Large buffers for bytes, which serve one body after the other.
final class Buffers {
    private static final FreeArrays<byte[]> FREE =
            new FreeArrays<>(byte[]::new, buffer -> buffer.length);

    /// What is left to who has given a buffer back.
    static final byte[] NONE = {};

    private Buffers() {}

    /// A buffer that holds anything.
    static byte[] take(int length) {
        return FREE.take(length);
    }

    /// Takes a buffer back from who will not touch it again.
    static void giveBack(byte[] buffer) {
        FREE.give(buffer);
    }
}
