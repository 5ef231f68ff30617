package batchnorm.codec.decimal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Operations on eight bytes of text in one long (SIMD within a register).
final class Swar {
    /// Accesses a byte array as longs, the first byte in the lowest bits.
    static final VarHandle EIGHT_BYTES =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /// The character `0`, eight times.
    static final long EIGHT_ZEROS = 0x3030303030303030L;

    /// The topmost bit of each byte.
    static final long TOPS = 0x8080808080808080L;

    /// Gathers the topmost bits of eight bytes into one byte, by a multiplication and a shift.
    static final long GATHER = 0x0002040810204081L;

    private Swar() {}
}
