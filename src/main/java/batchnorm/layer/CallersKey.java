package batchnorm.layer;

import batchnorm.digest.Sha256;
import java.util.HexFormat;

/// An idempotency key as recorded, qualified by its caller. Two callers with the same key never get
/// each other's responses. A key contains no blank, which separates it from the digest of the
/// caller's name.
public final class CallersKey {
    private static final int DIGEST_BYTES = 16;

    private CallersKey() {}

    /// @param key visible ASCII
    public static String of(String caller, String key) {
        byte[] digest = Sha256.of(caller);
        return key + ' ' + HexFormat.of().formatHex(digest, 0, DIGEST_BYTES);
    }

    /// Returns the key without its caller, as earlier versions and services without credentials
    /// record it.
    static String withoutCaller(String recorded) {
        int end = recorded.indexOf(' ');
        return end < 0 ? recorded : recorded.substring(0, end);
    }
}
