package batchnorm.codec.json;

import org.jspecify.annotations.Nullable;

/// Recognizes the format of a body that is not JSON in UTF-8 by its first bytes.
final class BodyStart {
    /// The number of bytes inspected.
    static final int LENGTH = 9;

    private static final String UTF_8 = "JSON is sent as UTF-8, without a byte order mark";

    private BodyStart() {}

    /// @throws MalformedJson for another encoding, a byte order mark, or a known binary format
    static void requireJson(JsonReader reader) {
        String found = recognize(reader.bytes, reader.limit);
        if (found != null) {
            throw reader.malformed("the body " + found);
        }
    }

    private static @Nullable String recognize(byte[] bytes, int limit) {
        if (begins(bytes, limit, 0xEF, 0xBB, 0xBF)
                || begins(bytes, limit, 0xFE, 0xFF)
                || begins(bytes, limit, 0xFF, 0xFE)) {
            return "begins with a byte order mark; " + UTF_8;
        }
        if (begins(bytes, limit, 0x93, 'N', 'U', 'M', 'P', 'Y')) {
            return format("an npy file", "application/x-npy");
        }
        if (begins(bytes, limit, 'P', 'K', 3, 4)) {
            return format("a zip archive, as npz is", "application/x-npz");
        }
        if (begins(bytes, limit, 0x1F, 0x8B)) {
            return "is compressed; set the header Content-Encoding: gzip";
        }
        if (limit >= LENGTH && isSafetensors(bytes)) {
            return format("a safetensors file", "application/vnd.safetensors");
        }
        boolean isWide = limit > 1 && (bytes[0] == 0) != (bytes[1] == 0);
        return isWide ? "is in UTF-16 or UTF-32; " + UTF_8 : null;
    }

    private static String format(String what, String mediaType) {
        return "is "
                + what
                + ", but JSON is expected; set the header Content-Type: "
                + mediaType
                + " if the operation accepts it";
    }

    /// Detects a header: its length below 16 MB in 8 bytes, little-endian, and its brace.
    private static boolean isSafetensors(byte[] bytes) {
        for (int i = 3; i < 8; i++) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return bytes[8] == '{';
    }

    private static boolean begins(byte[] bytes, int limit, int... start) {
        if (limit < start.length) {
            return false;
        }
        for (int i = 0; i < start.length; i++) {
            if ((bytes[i] & 0xFF) != start[i]) {
                return false;
            }
        }
        return true;
    }
}
