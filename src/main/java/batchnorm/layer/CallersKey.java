package batchnorm.layer;

import batchnorm.digest.Sha256;
import java.util.HexFormat;

/// An idempotency key as it is recorded: of one caller, so that two callers with the same key never
/// get each other's responses. A key has no blank, so the caller behind one is unambiguous. A
/// digest stands for the caller, whose name may be of any length.
public final class CallersKey {
    private static final int DIGEST_BYTES = 16;

    private CallersKey() {}

    /// @param key visible ASCII
    public static String of(String caller, String key) {
        byte[] digest = Sha256.of(caller);
        return key + ' ' + HexFormat.of().formatHex(digest, 0, DIGEST_BYTES);
    }

    /// The key without its caller, as versions before this one, and a service without credentials,
    /// record it.
    static String withoutCaller(String recorded) {
        int end = recorded.indexOf(' ');
        return end < 0 ? recorded : recorded.substring(0, end);
    }
}
