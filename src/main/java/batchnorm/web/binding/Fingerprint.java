package batchnorm.web.binding;

import batchnorm.digest.Sha256;
import jakarta.servlet.http.HttpServletRequest;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A digest of all inputs of a request's computation: its body, the headers that describe it, and
/// its query.
final class Fingerprint {
    private final MessageDigest digest;

    private Fingerprint(MessageDigest digest) {
        this.digest = digest;
    }

    static Fingerprint of(HttpServletRequest request) {
        Fingerprint fingerprint = new Fingerprint(Sha256.create());
        fingerprint.add(request.getContentType());
        fingerprint.add(request.getQueryString());
        fingerprint.add(request.getHeader(TensorHeaders.SHAPE));
        fingerprint.add(request.getHeader(TensorHeaders.DATATYPE));
        return fingerprint;
    }

    InputStream of(InputStream body) {
        return new DigestInputStream(body, digest);
    }

    /// Completes the digest. Called once, after the body was read.
    String text() {
        return HexFormat.of().formatHex(digest.digest());
    }

    private void add(@Nullable String part) {
        digest.update(Objects.requireNonNullElse(part, "").getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
    }
}
