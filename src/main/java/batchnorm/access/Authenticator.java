package batchnorm.access;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/// Resolves the `Authorization` header of a request to an identity.
public final class Authenticator {
    private static final String SCHEME = "Bearer ";
    private final ApiKeys keys;
    private final @Nullable Tokens tokens;

    private Authenticator(ApiKeys keys, @Nullable Tokens tokens) {
        this.keys = keys;
        this.tokens = tokens;
    }

    /// @param listening the listening address; null for all addresses
    /// @throws AccessRefused when every client would have access without an explicit setting
    public static Authenticator of(AccessSettings settings, @Nullable InetAddress listening) {
        Authenticator authenticator = new Authenticator(settings.keys(), settings.tokens());
        boolean allowsEveryone = settings.allowsEveryone();
        if (authenticator.requiresCredentials() && allowsEveryone) {
            throw new AccessRefused(
                    "BATCHNORM_AUTH=none allows every client, but credentials are set too",
                    "Remove one of them.");
        }
        boolean isLoopback = listening != null && listening.isLoopbackAddress();
        if (!authenticator.requiresCredentials() && !allowsEveryone && !isLoopback) {
            throw new AccessRefused(
                    "the service would accept every client beyond this machine without credentials",
                    "Set BATCHNORM_API_KEYS or BATCHNORM_API_KEYS_FILE to name:scope:sha256, or"
                            + " BATCHNORM_JWT_ISSUER and BATCHNORM_JWT_AUDIENCE; or set BATCHNORM_AUTH=none"
                            + " to allow everything to every client; or listen on loopback,"
                            + " SERVER_ADDRESS=127.0.0.1.");
        }
        return authenticator;
    }

    /// Returns whether requests need credentials.
    public boolean requiresCredentials() {
        return !keys.isEmpty() || tokens != null;
    }

    /// @throws Unauthenticated for invalid credentials, [IssuerUnavailable]
    Identity of(@Nullable String authorization) {
        if (!requiresCredentials()) {
            return Identity.ANYONE;
        }
        if (authorization == null) {
            return Identity.ANONYMOUS;
        }
        if (!authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            throw Unauthenticated.invalid();
        }
        String credentials = authorization.substring(SCHEME.length()).strip();
        Identity known = keys.find(credentials);
        if (known != null) {
            return known;
        }
        if (tokens == null) {
            throw Unauthenticated.invalid();
        }
        return tokens.identity(credentials);
    }
}
