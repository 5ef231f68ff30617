package batchnorm.codec.onnx;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;

/// Bytes of a file.
///
/// @param from the offset of the first byte
record FilePart(FileChannel file, long from, long length) {

    /// Returns the content of a field.
    static FilePart of(FileChannel file, Field field) {
        return new FilePart(file, field.content(), field.length());
    }

    void writeTo(WritableByteChannel target) throws IOException {
        for (long done = 0; done < length; ) {
            long written = file.transferTo(from + done, length - done, target);
            if (written <= 0) {
                throw new EOFException("the file is shorter than it was");
            }
            done += written;
        }
    }

    /// Returns the bytes as a stream, which does not move the position of the channel.
    InputStream open() {
        return new InputStream() {
            private long at;

            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
            }

            @Override
            public int read(byte[] target, int offset, int count) throws IOException {
                if (at == length) {
                    return -1;
                }
                int wanted = (int) Math.min(count, length - at);
                int read = file.read(ByteBuffer.wrap(target, offset, wanted), from + at);
                at += Math.max(read, 0);
                return read;
            }

            @Override
            public long skip(long count) {
                long skipped = Math.clamp(count, 0, length - at);
                at += skipped;
                return skipped;
            }
        };
    }
}
