package batchnorm.access;

import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/// Access control. Without keys and an issuer, every client has full access.
///
/// @param auth `none` allows every client without credentials, including other machines
/// @param apiKeys `name:scope:sha256`, separated by commas or white space
/// @param apiKeysFile a file of such entries, such as a mounted secret
/// @param jwtIssuer the issuer of tokens, an OpenID provider that supports discovery
/// @param jwtAudience the required `aud` of tokens
/// @param allowedHosts host names under which browsers reach the service, separated by commas
@ConfigurationProperties("batchnorm.access")
public record AccessSettings(
        @Nullable String auth,
        @Nullable String apiKeys,
        @Nullable String apiKeysFile,
        @Nullable String jwtIssuer,
        @Nullable String jwtAudience,
        @Nullable String allowedHosts) {

    public AccessSettings {
        auth = nullIfEmpty(auth);
        apiKeys = nullIfEmpty(apiKeys);
        apiKeysFile = nullIfEmpty(apiKeysFile);
        jwtIssuer = nullIfEmpty(jwtIssuer);
        jwtAudience = nullIfEmpty(jwtAudience);
        allowedHosts = nullIfEmpty(allowedHosts);
    }

    boolean allowsEveryone() {
        if (auth != null && !auth.equals("none")) {
            throw new AccessRefused(
                    "BATCHNORM_AUTH is neither empty nor \"none\"",
                    "Leave it empty and set BATCHNORM_API_KEYS, or set it to none to allow every client.");
        }
        return auth != null;
    }

    /// @throws AccessRefused when keys are configured but none is present
    ApiKeys keys() {
        if (apiKeys != null && ApiKeys.of(apiKeys).isEmpty()) {
            throw withoutKeys("BATCHNORM_API_KEYS is set, but holds no key");
        }
        String fileKeys = apiKeysFile == null ? "" : ApiKeys.read(Path.of(apiKeysFile));
        if (apiKeysFile != null && ApiKeys.of(fileKeys).isEmpty()) {
            throw withoutKeys("the file of BATCHNORM_API_KEYS_FILE holds no key");
        }
        return ApiKeys.of(apiKeys == null ? fileKeys : apiKeys + "\n" + fileKeys);
    }

    /// Without a key, every client would have access, despite a setting for keys.
    private static AccessRefused withoutKeys(String message) {
        return new AccessRefused(
                message,
                "Add a line name:scope:sha256 for every caller, or remove the setting to run without"
                        + " credentials.");
    }

    /// @throws AccessRefused when an issuer or an audience is configured without the other
    @Nullable Tokens tokens() {
        boolean hasIssuer = jwtIssuer != null && !jwtIssuer.isEmpty();
        boolean hasAudience = jwtAudience != null && !jwtAudience.isEmpty();
        if (hasIssuer && hasAudience) {
            return Tokens.of(
                    Objects.requireNonNull(jwtIssuer), Objects.requireNonNull(jwtAudience));
        }
        if (jwtAudience != null && !hasIssuer) {
            throw new AccessRefused(
                    "BATCHNORM_JWT_AUDIENCE is set, but BATCHNORM_JWT_ISSUER is not: no token would be"
                            + " accepted",
                    "Set BATCHNORM_JWT_ISSUER to the address of the OpenID provider, or remove"
                            + " BATCHNORM_JWT_AUDIENCE.");
        }
        if (jwtIssuer != null) {
            throw new AccessRefused(
                    "BATCHNORM_JWT_ISSUER is set, but the issuer or its audience is missing",
                    "Set BATCHNORM_JWT_ISSUER to the address of the OpenID provider, and"
                            + " BATCHNORM_JWT_AUDIENCE to the name of this service in the tokens' \"aud\";"
                            + " otherwise tokens for other services would be accepted here.");
        }
        return null;
    }

    /// Returns null for the empty text of an unset environment variable. Blanks alone count as set.
    private static @Nullable String nullIfEmpty(@Nullable String value) {
        return value == null || value.isEmpty() ? null : value.strip();
    }

    /// Omits the settings, because they may hold keys.
    @Override
    public String toString() {
        return "AccessSettings[]";
    }
}
