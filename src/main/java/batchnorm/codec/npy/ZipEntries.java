package batchnorm.codec.npy;

import batchnorm.codec.binary.BinaryBody;
import batchnorm.codec.body.BulkInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/// The entries of a ZIP archive in the order of the body, stored or deflated, each inflated only as
/// it is read.
///
/// The archive is read once, front to back. Entries of the directory at its end are only counted,
/// to detect a truncated body. `java.util.zip` does not suffice: it leaves the end unread.
final class ZipEntries implements AutoCloseable {
    private static final int LOCAL_HEADER = 0x04034B50;
    private static final int DIRECTORY_HEADER = 0x02014B50;
    private static final int DIRECTORY_END = 0x06054B50;
    private static final int DIRECTORY_END_64 = 0x06064B50;
    private static final int DIRECTORY_LOCATOR_64 = 0x07064B50;
    private static final int DESCRIPTOR = 0x08074B50;
    private static final int ZIP64_FIELD = 1;
    private static final int ENCRYPTED = 1;
    private static final int SIZES_FOLLOW = 8;
    private static final int STORED = 0;
    private static final int DEFLATED = 8;
    private static final long IN_ZIP64_FIELD = 0xFFFFFFFFL;

    private final BinaryBody body;
    private final Inflater inflater = new Inflater(true);
    private final CRC32 checksum = new CRC32();
    private int count;

    private int flags;
    private int method;
    private boolean zip64;
    private long expectedChecksum;
    private long compressedSize;
    private long left;

    ZipEntries(BinaryBody body) {
        this.body = body;
    }

    /// Returns the name of the next entry, or null after the last one.
    @Nullable String next() throws IOException {
        body.require(4, "the archive");
        int signature = body.buffer.getInt();
        if (signature != LOCAL_HEADER) {
            directory(signature);
            return null;
        }
        body.require(26, "an entry's header");
        body.buffer.getShort(); // the required version
        flags = unsignedShort();
        method = unsignedShort();
        body.buffer.getInt(); // time and date
        expectedChecksum = unsignedInt();
        compressedSize = unsignedInt();
        long size = unsignedInt();
        int nameLength = unsignedShort();
        int extraLength = unsignedShort();
        byte[] name = new byte[nameLength];
        body.read(name, "an entry's name");
        extra(extraLength, size);
        boolean sizesFollow = (flags & SIZES_FOLLOW) != 0;
        if ((flags & ENCRYPTED) != 0 || (method != STORED && method != DEFLATED)) {
            throw body.malformed("entries must be stored or deflated, and not encrypted");
        }
        if (method == STORED && sizesFollow) {
            throw body.malformed(
                    "a stored entry must declare its size first; write to a file or buffer, or compress");
        }
        left = compressedSize;
        inflater.reset();
        checksum.reset();
        count++;
        return new String(name, StandardCharsets.UTF_8);
    }

    private void extra(int length, long size) throws IOException {
        zip64 = false;
        int rest = length;
        while (rest >= 4) {
            body.require(4, "an entry's header");
            int id = unsignedShort();
            int fieldLength = unsignedShort();
            rest -= 4 + fieldLength;
            if (rest < 0) {
                break;
            }
            if (id == ZIP64_FIELD && fieldLength >= 16) {
                zip64 = true;
                body.require(16, "an entry's header");
                body.buffer.getLong();
                long wide = body.buffer.getLong();
                compressedSize = compressedSize == IN_ZIP64_FIELD ? wide : compressedSize;
                fieldLength -= 16;
            }
            skip(fieldLength);
        }
        if (rest < 0 || compressedSize < 0 || size < 0) {
            throw body.malformed("an entry's header is inconsistent");
        }
        skip(rest);
    }

    /// Returns the content of the current entry. The caller must read it to its end.
    InputStream content() {
        return new Content();
    }

    /// Verifies that the content is complete, and its size and checksum.
    void endEntry() throws IOException {
        if ((flags & SIZES_FOLLOW) != 0) {
            descriptor();
        } else if (method == DEFLATED && inflater.getBytesRead() != compressedSize) {
            throw body.malformed("the size of an entry differs from its header");
        }
        if (checksum.getValue() != expectedChecksum) {
            throw body.malformed("an entry's checksum is wrong");
        }
    }

    private void descriptor() throws IOException {
        body.require(4, "an entry's sizes");
        long first = unsignedInt();
        if (first == DESCRIPTOR) {
            body.require(4, "an entry's sizes");
            first = unsignedInt();
        }
        expectedChecksum = first;
        skip(zip64 ? 16 : 8);
    }

    private void directory(int firstSignature) throws IOException {
        int signature = firstSignature;
        int listed = 0;
        while (signature != DIRECTORY_END) {
            switch (signature) {
                case DIRECTORY_HEADER -> {
                    listed++;
                    body.require(42, "the archive's directory");
                    int at = body.buffer.position();
                    int variable =
                            unsignedShort(at + 24)
                                    + unsignedShort(at + 26)
                                    + unsignedShort(at + 28);
                    skip(42 + variable);
                }
                case DIRECTORY_END_64 -> {
                    body.require(8, "the archive's directory");
                    skip(body.buffer.getLong());
                }
                case DIRECTORY_LOCATOR_64 -> skip(16);
                default ->
                        throw body.malformed("expected an entry or the directory of a ZIP archive");
            }
            body.require(4, "the archive's directory");
            signature = body.buffer.getInt();
        }
        if (listed != count) {
            throw body.malformed(
                    "the directory lists " + listed + " entries, but there are " + count);
        }
        skip(16);
        body.require(2, "the archive's directory");
        skip(unsignedShort());
        body.requireEnd();
    }

    private void skip(long bytes) throws IOException {
        if (bytes < 0) {
            throw body.malformed("a length in the archive is negative");
        }
        body.skip(bytes, "the archive");
    }

    private int unsignedShort() {
        return body.buffer.getShort() & 0xFFFF;
    }

    private int unsignedShort(int at) {
        return body.buffer.getShort(at) & 0xFFFF;
    }

    private long unsignedInt() {
        return body.buffer.getInt() & 0xFFFFFFFFL;
    }

    @Override
    public void close() {
        inflater.end();
    }

    private final class Content extends BulkInputStream {
        Content() {
            super(InputStream.nullInputStream());
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int read =
                    method == STORED
                            ? copy(target, offset, length)
                            : inflate(target, offset, length);
            checksum.update(target, offset, Math.max(read, 0));
            return read;
        }

        private int copy(byte[] target, int offset, int length) throws IOException {
            if (left == 0) {
                return -1;
            }
            body.require(1, "an entry");
            int read = (int) Math.min(Math.min(length, left), body.buffer.remaining());
            body.buffer.get(target, offset, read);
            left -= read;
            return read;
        }

        private int inflate(byte[] target, int offset, int length) throws IOException {
            while (true) {
                try {
                    // The inflater reads directly from the buffer, and no more than it needs.
                    int read = inflater.inflate(target, offset, length);
                    if (read > 0) {
                        return read;
                    }
                } catch (DataFormatException e) {
                    throw body.malformed("an entry is not deflated: " + e.getMessage());
                }
                if (inflater.finished()) {
                    return -1;
                }
                body.require(1, "an entry");
                inflater.setInput(body.buffer);
            }
        }
    }
}
