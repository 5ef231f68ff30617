package batchnorm.access;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/// Tells whom a request is from, by its `Authorization`.
public final class Authenticator {
    private static final String SCHEME = "Bearer ";
    private final ApiKeys keys;
    private final @Nullable Tokens tokens;

    private Authenticator(ApiKeys keys, @Nullable Tokens tokens) {
        this.keys = keys;
        this.tokens = tokens;
    }

    /// @param listening where the service listens; null for all addresses
    /// @throws AccessRefused where anyone could come in and nobody has said that they may
    public static Authenticator of(AccessSettings settings, @Nullable InetAddress listening) {
        Authenticator identities = new Authenticator(settings.keys(), settings.tokens());
        boolean saysNone = settings.saysNone();
        if (identities.areAsked() && saysNone) {
            throw new AccessRefused(
                    "BATCHNORM_AUTH=none lets anyone in, but credentials are set too",
                    "Remove one of them.");
        }
        boolean isLoopback = listening != null && listening.isLoopbackAddress();
        if (!identities.areAsked() && !saysNone && !isLoopback) {
            throw new AccessRefused(
                    "the service would listen beyond this machine, and let in anyone who reaches it",
                    "Set BATCHNORM_API_KEYS or BATCHNORM_API_KEYS_FILE to name:scope:sha256, or"
                            + " BATCHNORM_JWT_ISSUER and BATCHNORM_JWT_AUDIENCE; or say BATCHNORM_AUTH=none"
                            + " if everyone on that network may do everything; or listen on loopback,"
                            + " SERVER_ADDRESS=127.0.0.1.");
        }
        return identities;
    }

    /// Whether anybody is asked who they are.
    boolean areAsked() {
        return !keys.isEmpty() || tokens != null;
    }

    /// @throws Unauthenticated for credentials that do not hold, [IssuerUnavailable]
    Identity of(@Nullable String authorization) {
        if (!areAsked()) {
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
