package batchnorm.access;

import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// An identity and the SHA-256 of its key. The key itself is never stored, and held in memory only
/// during a request. A fast digest suffices because keys are random, unlike passwords.
final class ApiKey {
    private static final Pattern ENTRY =
            Pattern.compile("([A-Za-z0-9._-]{1,64}):([a-z]+):([0-9a-f]{64})");

    private final Identity identity;
    private final byte[] digest;

    private ApiKey(Identity identity, byte[] digest) {
        this.identity = identity;
        this.digest = digest;
    }

    /// @param entry `name:scope:sha256`
    /// @throws AccessRefused without the entry in its message, which may hold a key in clear text
    static ApiKey of(String entry, int number) {
        Matcher matcher = ENTRY.matcher(entry);
        if (!matcher.matches()) {
            throw malformed(number);
        }
        Scope scope = Scope.named(matcher.group(2)).orElseThrow(() -> malformed(number));
        return new ApiKey(
                new Identity(matcher.group(1), scope), HexFormat.of().parseHex(matcher.group(3)));
    }

    private static AccessRefused malformed(int number) {
        return new AccessRefused(
                "entry " + number + " of the API keys is not name:scope:sha256",
                "Write name:scope:sha256, where scope is infer, train or admin and sha256 is what"
                        + " \"echo -n KEY | sha256sum\" prints, 64 hexadecimal digits.");
    }

    Identity identity() {
        return identity;
    }

    /// Compares in constant time.
    boolean hasDigest(byte[] other) {
        return MessageDigest.isEqual(digest, other);
    }
}
