package batchnorm.codec.decimal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Eight bytes of text at a time, in one long (SIMD within a register).
final class Swar {
    /// A long of a byte array, the first byte in the lowest bits.
    static final VarHandle EIGHT_BYTES =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /// The character `0`, eight times.
    static final long EIGHT_ZEROS = 0x3030303030303030L;

    /// The topmost bit of each byte.
    static final long TOPS = 0x8080808080808080L;

    /// Gathers the topmost bits of eight bytes in one byte, when multiplied and shifted down.
    static final long GATHER = 0x0002040810204081L;

    private Swar() {}
}
