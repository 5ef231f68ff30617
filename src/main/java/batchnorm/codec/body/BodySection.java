package batchnorm.codec.body;

import batchnorm.codec.MalformedJson;
import java.io.IOException;
import java.io.InputStream;

/// The first bytes of a body, as a body of their own. The rest is left unread.
public final class BodySection extends BulkInputStream {
    private long left;

    /// Bytes of this section; negative for the whole body.
    public final long length;

    public BodySection(InputStream body, long length) {
        super(body);
        this.length = length;
        this.left = length < 0 ? Long.MAX_VALUE : length;
    }

    @Override
    public int read(byte[] target, int offset, int count) throws IOException {
        if (left == 0) {
            return -1;
        }
        int read = in.read(target, offset, (int) Math.min(count, left));
        left -= Math.max(read, 0);
        return read;
    }

    /// @param header the source of the length
    /// @throws MalformedJson when the body ended early
    public void requireEnd(String header) {
        if (length >= 0 && left > 0) {
            throw new MalformedJson(
                    length - left,
                    "the JSON has %d bytes, but %s says %d"
                            .formatted(length - left, header, length));
        }
    }
}
