package batchnorm.access;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/// Who may use the service. With neither keys nor an issuer, anyone may who reaches it.
///
/// @param auth `none` lets anyone in who reaches the service, also from other machines
/// @param apiKeys `name:scope:sha256`, separated by commas or white space
/// @param apiKeysFile a file of such entries, for keys that come as a mounted secret
/// @param jwtIssuer the issuer of tokens, an OpenID provider; its keys are found by discovery
/// @param jwtAudience what the tokens' `aud` must name
@ConfigurationProperties("batchnorm.access")
public record AccessSettings(
        @Nullable String auth,
        @Nullable String apiKeys,
        @Nullable String apiKeysFile,
        @Nullable String jwtIssuer,
        @Nullable String jwtAudience) {

    public AccessSettings {
        auth = given(auth);
        apiKeys = given(apiKeys);
        apiKeysFile = given(apiKeysFile);
        jwtIssuer = given(jwtIssuer);
        jwtAudience = given(jwtAudience);
    }

    boolean saysNone() {
        if (auth != null && !auth.equals("none")) {
            throw new AccessRefused(
                    "BATCHNORM_AUTH is neither empty nor \"none\"",
                    "Leave it empty and set BATCHNORM_API_KEYS, or set it to none to let anyone in.");
        }
        return auth != null;
    }

    ApiKeys keys() {
        String listed = apiKeys == null ? "" : apiKeys;
        return ApiKeys.of(
                apiKeysFile == null ? listed : listed + "\n" + ApiKeys.read(Path.of(apiKeysFile)));
    }

    @Nullable Tokens tokens() {
        if (jwtIssuer == null) {
            return null;
        }
        if (jwtAudience == null) {
            throw new AccessRefused(
                    "an issuer of tokens is set, but not whom they must be meant for",
                    "Set BATCHNORM_JWT_AUDIENCE to what the tokens' \"aud\" names this service by;"
                            + " otherwise tokens for other services would be accepted here.");
        }
        return Tokens.of(jwtIssuer, jwtAudience);
    }

    private static @Nullable String given(@Nullable String value) {
        return value == null || value.isBlank() ? null : value.strip();
    }

    /// Says nothing of the keys.
    @Override
    public String toString() {
        return "AccessSettings[]";
    }
}
