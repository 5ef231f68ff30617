package batchnorm.codec.body;

import batchnorm.codec.InvalidField;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/// A body decoded from its `Content-Encoding`. The limit on bodies also bounds the inflated bytes.
/// The ratio alone does not indicate an attack: one-hot tensors compress 500 times.
public final class InflatedBody extends BulkInputStream {
    private static final Set<String> COMPRESSED = Set.of("gzip", "x-gzip", "deflate");

    private final LongConsumer memory;
    private long inflated;

    private InflatedBody(InputStream plain, LongConsumer memory) {
        super(plain);
        this.memory = memory;
    }

    /// Returns whether a body with this `Content-Encoding` is not compressed.
    public static boolean isPlain(@Nullable String coding) {
        return coding == null || coding.equalsIgnoreCase("identity");
    }

    /// @throws UnsupportedCoding for codings other than gzip and deflate
    public static void requireKnown(@Nullable String coding) {
        if (coding != null
                && !isPlain(coding)
                && !COMPRESSED.contains(coding.toLowerCase(Locale.ROOT))) {
            throw new UnsupportedCoding();
        }
    }

    /// @param coding the value of `Content-Encoding`, or null
    /// @param limit the maximum number of inflated bytes
    /// @param memory receives the number of inflated bytes so far, before they are used; may throw
    /// @throws UnsupportedCoding for codings other than gzip and deflate
    /// @throws InvalidField when the body does not match its coding; also while reading
    /// @throws BodyTooLarge while reading, beyond the limit
    public static InputStream of(
            InputStream body, @Nullable String coding, long limit, LongConsumer memory)
            throws IOException {
        if (coding == null || isPlain(coding)) {
            return body;
        }
        requireKnown(coding);
        InputStream plain =
                coding.equalsIgnoreCase("deflate") ? new InflaterInputStream(body) : gzip(body);
        return BoundedBody.of(new InflatedBody(plain, memory), -1, limit);
    }

    private static InputStream gzip(InputStream compressed) throws IOException {
        try {
            return new GZIPInputStream(compressed);
        } catch (ZipException e) {
            throw malformed(e);
        }
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        try {
            int read = in.read(target, offset, length);
            count(Math.max(read, 0));
            return read;
        } catch (ZipException e) {
            throw malformed(e);
        }
    }

    @Override
    public long skip(long bytes) throws IOException {
        try {
            long skipped = super.skip(bytes);
            count(skipped);
            return skipped;
        } catch (ZipException e) {
            throw malformed(e);
        }
    }

    private void count(long bytes) {
        inflated += bytes;
        memory.accept(inflated);
    }

    private static InvalidField malformed(ZipException e) {
        return new InvalidField(
                "Content-Encoding",
                "the body does not match its Content-Encoding: " + e.getMessage());
    }
}
