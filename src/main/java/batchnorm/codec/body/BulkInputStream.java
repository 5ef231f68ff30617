package batchnorm.codec.body;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/// A stream that reads in bulk; a single byte is read as an array of length 1.
public abstract class BulkInputStream extends FilterInputStream {
    protected BulkInputStream(InputStream source) {
        super(source);
    }

    @Override
    public final int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public abstract int read(byte[] target, int offset, int length) throws IOException;
}
