package batchnorm.storage;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// CRC32C over the columns of a row, each with its kind and length to keep rows distinct.
final class Checksum {
    private final CRC32C sum = new CRC32C();
    private final ByteBuffer header = ByteBuffer.allocate(1 + Long.BYTES);

    void text(@Nullable String value) {
        bytes('T', value == null ? null : value.getBytes(StandardCharsets.UTF_8));
    }

    void bytes(byte @Nullable [] value) {
        bytes('B', value);
    }

    void number(@Nullable Long value) {
        header(value == null ? '0' : 'N', value == null ? 0 : value);
    }

    void real(double value) {
        header('R', Double.doubleToRawLongBits(value));
    }

    long value() {
        return sum.getValue();
    }

    private void bytes(char kind, byte @Nullable [] value) {
        header(value == null ? '0' : kind, value == null ? 0 : value.length);
        if (value != null) {
            sum.update(value);
        }
    }

    private void header(char kind, long value) {
        sum.update(header.clear().put((byte) kind).putLong(value).flip());
    }
}
