package batchnorm.codec.keras;

import io.jhdf.Superblock;
import io.jhdf.storage.HdfInMemoryByteBuffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// An HDF5 file in a buffer, of which a bounded number of bytes is parsed. jHDF follows addresses
/// as a file states them, cycles included, and allocates lists as long as a file claims; a bound on
/// the bytes of each operation, and checks of the two claims that no bytes back, bound its time and
/// memory.
final class BoundedStorage extends HdfInMemoryByteBuffer {
    /// All metadata of a file. That of a model with 10,000 layers takes about 100 MB, because a
    /// heap is parsed again for each attribute in it.
    private static final long MAX_TOTAL = 1 << 27;

    private static final byte[] BTREE_V2 = "BTHD".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] FRACTAL_HEAP = "FRHP".getBytes(StandardCharsets.US_ASCII);

    /// The least bytes of a record of a B-tree, or of an address in a heap.
    private static final int LEAST_BYTES = 8;

    private long total;
    private long left;

    BoundedStorage(ByteBuffer content, Superblock superblock) {
        super(content, superblock);
    }

    /// Begins an operation that may parse a number of bytes.
    void permit(int bytes) {
        left = bytes;
    }

    @Override
    public ByteBuffer readBufferFromAddress(long address, int length) {
        ByteBuffer buffer = super.readBufferFromAddress(address, length);
        requireBacked(buffer);
        return buffer;
    }

    @Override
    public synchronized ByteBuffer mapNoOffset(long address, long length) {
        if (address < 0 || length < 0 || address > size() - length) {
            throw new InconsistentFile("an address is beyond the end of the file");
        }
        total += length;
        left -= length;
        if (left < 0 || total > MAX_TOTAL) {
            throw new InconsistentFile("its structures lead in circles, or are too large");
        }
        return super.mapNoOffset(address, length);
    }

    /// Returns the bytes of an array, which are not parsed.
    ByteBuffer content(long address, long length) {
        permit(Integer.MAX_VALUE);
        total -= length;
        return map(address, length);
    }

    /// Rejects a B-tree or heap that claims more entries than the file has room for.
    private void requireBacked(ByteBuffer buffer) {
        if (buffer.remaining() < BTREE_V2.length) {
            return;
        }
        byte[] signature = new byte[BTREE_V2.length];
        buffer.get(0, signature);
        int offsets = getSizeOfOffsets();
        int lengths = getSizeOfLengths();
        long entries = 0;
        if (Arrays.equals(signature, BTREE_V2)) {
            // signature, version, type, sizes, depth, percentages, address and records of the root
            entries = unsigned(buffer, 16 + offsets + 2, lengths);
        } else if (Arrays.equals(signature, FRACTAL_HEAP)) {
            // The width of the table, and behind the address of the root its rows.
            long width = unsigned(buffer, 14 + 10 * lengths + 2 * offsets, 2);
            entries = width * unsigned(buffer, buffer.limit() - 6, 2);
        }
        if (entries > size() / LEAST_BYTES || entries < 0) {
            throw new InconsistentFile("a table claims more entries than the file has room for");
        }
    }

    private static long unsigned(ByteBuffer buffer, int at, int bytes) {
        long value = 0;
        for (int i = bytes - 1; i >= 0; i--) {
            value = value << Byte.SIZE | buffer.get(at + i) & 0xFF;
        }
        return value;
    }

    /// Thrown when the structures of a file contradict each other.
    static final class InconsistentFile extends RuntimeException {
        private static final long serialVersionUID = 1;

        InconsistentFile(String message) {
            super(message);
        }
    }

    /// Returns whether the sizes of addresses and lengths are those that HDF5 writes.
    static boolean isSupported(Superblock superblock) {
        return superblock.getBaseAddressByte() == 0
                && isSize(superblock.getSizeOfOffsets())
                && isSize(superblock.getSizeOfLengths());
    }

    private static boolean isSize(int bytes) {
        return bytes == 2 || bytes == 4 || bytes == 8;
    }

    static ByteBuffer littleEndian(ByteBuffer content) {
        return content.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }
}
