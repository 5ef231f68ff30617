package batchnorm.codec.json;

import batchnorm.codec.BodyTooLarge;
import batchnorm.codec.Codec;
import batchnorm.codec.MalformedTensor;
import java.io.IOException;
import java.util.Arrays;
import java.util.Base64;

/// Reads a JSON string of base64 (RFC 4648, section 4) as bytes, in chunks.
final class Base64Reader {
    private static final int CHUNK = 1 << 14;

    /// From this size on, the array doubles instead of quadrupling.
    private static final int DOUBLING = 1 << 22;

    private final JsonReader reader;
    private final JsonStringReader strings;
    private final String path;
    private final long limit;
    private final Codec.Memory memory;
    private final byte[] chunk = new byte[CHUNK];
    private final byte[] decodedChunk = new byte[CHUNK / 4 * 3];
    private int filled;
    private byte[] decoded = {};
    private int size;
    private boolean padded;

    /// @param limit the maximum number of decoded bytes
    Base64Reader(
            JsonReader reader,
            JsonStringReader strings,
            String path,
            long limit,
            Codec.Memory memory) {
        this.reader = reader;
        this.strings = strings;
        this.path = path;
        this.limit = limit;
        this.memory = memory;
    }

    /// Reads the string whose opening quote is at the reader's position.
    byte[] read() throws IOException {
        reader.position++;
        while (true) {
            reader.require(1);
            copyPlain();
            if (filled == CHUNK) {
                decode(chunk);
                filled = 0;
            }
            byte next = reader.bytes[reader.position];
            if (next == '"') {
                reader.position++;
                decode(Arrays.copyOf(chunk, filled));
                return size == decoded.length ? decoded : Arrays.copyOf(decoded, size);
            }
            if (next == '\\') {
                append(strings.escape()); // some writers escape every slash
            } else if (reader.position < reader.limit && next <= ' ') {
                throw notBase64();
            } else if (reader.position == reader.limit && reader.ended) {
                throw reader.unexpected("expected the quote that ends a string");
            }
        }
    }

    /// Copies up to the end of the string, the next escape, or the end of the buffer or chunk.
    private void copyPlain() {
        int from = reader.position;
        int end = Math.min(reader.limit, from + CHUNK - filled);
        int at = from;
        while (at < end
                && reader.bytes[at] > ' '
                && reader.bytes[at] != '"'
                && reader.bytes[at] != '\\') {
            at++;
        }
        System.arraycopy(reader.bytes, from, chunk, filled, at - from);
        filled += at - from;
        reader.position = at;
    }

    private void append(int character) {
        if (character <= ' ' || character > 0x7E) {
            throw notBase64();
        }
        chunk[filled++] = (byte) character;
    }

    private void decode(byte[] characters) {
        if (padded && characters.length > 0) {
            throw malformed("characters after the padding");
        }
        int count;
        try {
            count = Base64.getDecoder().decode(characters, decodedChunk);
        } catch (IllegalArgumentException e) {
            throw malformed(String.valueOf(e.getMessage()));
        }
        padded = count < CHUNK / 4 * 3;
        if (size + (long) count > limit) {
            throw new BodyTooLarge(path + " holds more than " + limit + " bytes");
        }
        if (size + count > decoded.length) {
            long grown = Math.max((size < DOUBLING ? 4L : 2L) * size, size + (long) count);
            int capacity = (int) Math.min(limit, grown);
            memory.reserve(capacity - decoded.length);
            decoded = Arrays.copyOf(decoded, capacity);
        }
        System.arraycopy(decodedChunk, 0, decoded, size, count);
        size += count;
    }

    private MalformedTensor notBase64() {
        return malformed("a character that is not base64");
    }

    private MalformedTensor malformed(String reason) {
        return new MalformedTensor(path, path + " is not base64: " + reason);
    }
}
