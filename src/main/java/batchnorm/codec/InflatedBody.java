package batchnorm.codec;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/// A body without its `Content-Encoding`, for as long as it does not inflate beyond measure. What
/// it inflates to is counted among the bodies in work as it comes.
public final class InflatedBody extends FilterInputStream {
    /// So much a body may inflate to, however small it is.
    private static final long FREE = 1 << 20;

    private static final Set<String> COMPRESSED = Set.of("gzip", "x-gzip", "deflate");

    private final Counted compressed;
    private final int mostTimes;
    private final LongConsumer room;
    private long inflated;

    private InflatedBody(Counted compressed, InputStream plain, int mostTimes, LongConsumer room) {
        super(plain);
        this.compressed = compressed;
        this.mostTimes = mostTimes;
        this.room = room;
    }

    /// What a caller reads who sends another coding.
    public static final String CODINGS =
            "a body's Content-Encoding may be gzip, deflate or identity";

    /// Whether a body in this `Content-Encoding` can be read.
    public static boolean reads(@Nullable String coding) {
        return coding == null
                || isPlain(coding)
                || COMPRESSED.contains(coding.toLowerCase(Locale.ROOT));
    }

    public static boolean isPlain(@Nullable String coding) {
        return coding == null || coding.equalsIgnoreCase("identity");
    }

    /// @param coding one that [#reads]
    /// @param limit of the inflated bytes
    /// @param mostTimes how many times its size a body may inflate to
    /// @param room takes how many bytes there are so far
    public static InputStream of(
            InputStream body, @Nullable String coding, long limit, int mostTimes, LongConsumer room)
            throws IOException {
        if (coding == null || isPlain(coding)) {
            return body;
        }
        Counted compressed = new Counted(body);
        InputStream plain =
                switch (coding.toLowerCase(Locale.ROOT)) {
                    case "gzip", "x-gzip" -> gzip(compressed);
                    case "deflate" -> new InflaterInputStream(compressed);
                    default -> throw new IllegalArgumentException(CODINGS);
                };
        return BoundedBody.of(new InflatedBody(compressed, plain, mostTimes, room), -1, limit);
    }

    private static InputStream gzip(InputStream compressed) throws IOException {
        try {
            return new GZIPInputStream(compressed);
        } catch (ZipException e) {
            throw malformed(e);
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int read;
        try {
            read = super.read(target, offset, length);
        } catch (ZipException e) {
            throw malformed(e);
        }
        inflated += Math.max(read, 0);
        if (inflated > FREE && inflated > mostTimes * compressed.count) {
            throw new InvalidField(
                    "Content-Encoding",
                    "the body inflates to more than "
                            + mostTimes
                            + " times its size; send it without Content-Encoding, or raise"
                            + " BATCHNORM_MAX_INFLATION");
        }
        room.accept(inflated);
        return read;
    }

    private static InvalidField malformed(ZipException e) {
        return new InvalidField(
                "Content-Encoding",
                "the body is not what its Content-Encoding says: " + e.getMessage());
    }

    private static final class Counted extends FilterInputStream {
        private long count;

        Counted(InputStream body) {
            super(body);
        }

        @Override
        public int read() throws IOException {
            int read = super.read();
            count += read < 0 ? 0 : 1;
            return read;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int read = super.read(target, offset, length);
            count += Math.max(read, 0);
            return read;
        }
    }
}
