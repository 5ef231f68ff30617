package batchnorm.checkpoint;

import batchnorm.codec.MalformedTensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// The directory at the end of a ZIP archive. [java.util.zip.ZipFile] reads it into memory whole,
/// as long as the archive states.
final class ZipDirectory {
    /// Enough for some 50,000 entries. PyTorch writes one for each storage.
    private static final long MAX_BYTES = 1 << 22;

    private static final int END = 0x06054b50;
    private static final int END_LENGTH = 22;
    private static final int END_SIZE = 12;
    private static final int LOCATOR = 0x07064b50;
    private static final int LOCATOR_OFFSET = 8;
    private static final int LOCATOR_LENGTH = 20;
    private static final int END_64_SIZE = 40;
    private static final int MAX_COMMENT = 0xFFFF;

    private ZipDirectory() {}

    /// Examines each place that may be the end of the archive, because a comment may look like one.
    ///
    /// @throws MalformedTensor when the directory is too large
    static void requireSmall(Path archive) throws IOException {
        try (FileChannel channel = FileChannel.open(archive, StandardOpenOption.READ)) {
            long start = Math.max(0, channel.size() - MAX_COMMENT - END_LENGTH - LOCATOR_LENGTH);
            ByteBuffer tail = read(channel, start, (int) (channel.size() - start));
            for (int at = 0; at + LOCATOR_LENGTH <= tail.limit(); at++) {
                int signature = tail.getInt(at);
                if (signature == END && at + END_LENGTH <= tail.limit()) {
                    requireSmall(tail.getInt(at + END_SIZE) & 0xFFFFFFFFL, true);
                } else if (signature == LOCATOR) {
                    long end = tail.getLong(at + LOCATOR_OFFSET) + END_64_SIZE;
                    if (end >= 0 && end <= channel.size() - Long.BYTES) {
                        requireSmall(read(channel, end, Long.BYTES).getLong(0), false);
                    }
                }
            }
        }
    }

    /// @param isShort whether the largest number stands for one in the longer end
    private static void requireSmall(long bytes, boolean isShort) {
        boolean isElsewhere = isShort && bytes == 0xFFFFFFFFL;
        if (!isElsewhere && (bytes < 0 || bytes > MAX_BYTES)) {
            throw new MalformedTensor(
                    "file",
                    "the archive's directory has %s bytes; it may have at most %d"
                            .formatted(Long.toUnsignedString(bytes), MAX_BYTES));
        }
    }

    private static ByteBuffer read(FileChannel channel, long from, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining() && channel.read(buffer, from + buffer.position()) > 0) {
            // Reads on.
        }
        return buffer.flip();
    }
}
