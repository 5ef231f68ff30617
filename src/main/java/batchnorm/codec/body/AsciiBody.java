package batchnorm.codec.body;

import batchnorm.codec.MalformedJson;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/// A JSON body in a charset that contains ASCII. Rejects other bytes: pure ASCII is valid UTF-8.
public final class AsciiBody extends BulkInputStream {
    private static final String ASCII = ascii();

    private final Charset charset;
    private long count;

    public AsciiBody(InputStream body, Charset charset) {
        super(body);
        this.charset = charset;
    }

    /// Returns whether ASCII text has the same bytes in a charset.
    public static boolean isContainedIn(Charset charset) {
        return ASCII.equals(new String(ASCII.getBytes(StandardCharsets.US_ASCII), charset));
    }

    /// Returns the printable characters.
    private static String ascii() {
        StringBuilder ascii = new StringBuilder();
        for (char character = ' '; character < 0x7F; character++) {
            ascii.append(character);
        }
        return ascii.toString();
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int read = in.read(target, offset, length);
        for (int i = offset; i < offset + read; i++) {
            if (target[i] < 0) {
                long place = count + i - offset;
                throw new MalformedJson(
                        place,
                        "byte %d: the byte 0x%02X is not ASCII, and charset=%s accepts only ASCII; send JSON as UTF-8"
                                .formatted(place, target[i], charset.name()));
            }
        }
        count += Math.max(read, 0);
        return read;
    }
}
