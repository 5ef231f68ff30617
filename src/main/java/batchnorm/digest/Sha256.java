package batchnorm.digest;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// SHA-256 digests.
public final class Sha256 {
    private Sha256() {}

    public static MessageDigest create() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JVM has SHA-256", impossible);
        }
    }

    /// Returns the digest of a text in UTF-8.
    public static byte[] of(String text) {
        return create().digest(text.getBytes(StandardCharsets.UTF_8));
    }

    /// Returns the digest of a text in UTF-8, in hexadecimal.
    public static String hex(String text) {
        return HexFormat.of().formatHex(of(text));
    }
}
