package batchnorm.access;

import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/// Who may use the service. With neither keys nor an issuer, anyone may who reaches it.
///
/// @param auth `none` lets anyone in who reaches the service, also from other machines
/// @param apiKeys `name:scope:sha256`, separated by commas or white space
/// @param apiKeysFile a file of such entries, for keys that come as a mounted secret
/// @param jwtIssuer the issuer of tokens, an OpenID provider; its keys are found by discovery
/// @param jwtAudience what the tokens' `aud` must name
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
        auth = given(auth);
        apiKeys = given(apiKeys);
        apiKeysFile = given(apiKeysFile);
        jwtIssuer = given(jwtIssuer);
        jwtAudience = given(jwtAudience);
        allowedHosts = given(allowedHosts);
    }

    boolean saysNone() {
        if (auth != null && !auth.equals("none")) {
            throw new AccessRefused(
                    "BATCHNORM_AUTH is neither empty nor \"none\"",
                    "Leave it empty and set BATCHNORM_API_KEYS, or set it to none to let anyone in.");
        }
        return auth != null;
    }

    /// @throws AccessRefused where keys are configured, but none is there
    ApiKeys keys() {
        if (apiKeys != null && ApiKeys.of(apiKeys).isEmpty()) {
            throw withoutKeys("BATCHNORM_API_KEYS is set, but holds no key");
        }
        String filed = apiKeysFile == null ? "" : ApiKeys.read(Path.of(apiKeysFile));
        if (apiKeysFile != null && ApiKeys.of(filed).isEmpty()) {
            throw withoutKeys("the file of BATCHNORM_API_KEYS_FILE holds no key");
        }
        return ApiKeys.of(apiKeys == null ? filed : apiKeys + "\n" + filed);
    }

    /// With no key at all the service would be open to every caller, which is not what a setting
    /// for keys means.
    private static AccessRefused withoutKeys(String message) {
        return new AccessRefused(
                message,
                "Add a line name:scope:sha256 for every caller, or remove the setting to run without"
                        + " credentials.");
    }

    /// @throws AccessRefused where an issuer or an audience is configured without the other
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
                            + " BATCHNORM_JWT_AUDIENCE to what the tokens' \"aud\" names this service by;"
                            + " otherwise tokens for other services would be accepted here.");
        }
        return null;
    }

    /// The empty text is what an environment variable that is not set comes as. Blanks alone were
    /// set.
    private static @Nullable String given(@Nullable String value) {
        return value == null || value.isEmpty() ? null : value.strip();
    }

    /// Holds nothing of the keys.
    @Override
    public String toString() {
        return "AccessSettings[]";
    }
}
