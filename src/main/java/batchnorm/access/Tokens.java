package batchnorm.access;

import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.SecurityContext;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.core.OAuth2TokenValidator;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.BadJwtException;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtClaimNames;
import org.springframework.security.oauth2.jwt.JwtClaimValidator;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtException;
import org.springframework.security.oauth2.jwt.JwtIssuerValidator;
import org.springframework.security.oauth2.jwt.JwtTypeValidator;
import org.springframework.security.oauth2.jwt.JwtValidators;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;

/// Verifies OAuth 2 access tokens: JWTs that an OpenID provider has signed for this service.
///
/// The issuer's keys are cached. They are refreshed in the background before they expire, and once
/// more when a token has an unknown key. One refresh is in flight at a time. Tokens of known keys
/// never wait for a refresh while the cache is valid. The keys outlive an outage of the issuer.
final class Tokens {
    /// The lifetime of cached keys. They are refreshed in the background during its last part,
    /// [#REFRESH_AHEAD].
    private static final Duration CACHED = Duration.ofMinutes(15);

    private static final Duration REFRESH_AHEAD = Duration.ofMinutes(10);

    /// At most two refreshes occur in this time, so unknown keys put little load on the issuer.
    private static final Duration REFRESH_INTERVAL = Duration.ofSeconds(30);

    /// How long expired keys are used while the issuer does not respond.
    private static final Duration OUTAGE = Duration.ofHours(24);

    /// Public-key algorithms only: with a shared secret, a service that verifies tokens could also
    /// create them.
    private static final Set<SignatureAlgorithm> ALGORITHMS = Set.of(SignatureAlgorithm.values());

    private final JWKSource<SecurityContext> keys;
    private final JwtDecoder decoder;

    private Tokens(JWKSource<SecurityContext> keys, JwtDecoder decoder) {
        this.keys = keys;
        this.decoder = decoder;
    }

    /// Defers fetching the keys to the first token, so the service starts without the issuer.
    static Tokens of(String issuer, String audience) {
        JWKSource<SecurityContext> keys = keys(issuer);
        NimbusJwtDecoder decoder =
                NimbusJwtDecoder.withJwkSource(keys)
                        .jwsAlgorithms(algorithms -> algorithms.addAll(ALGORITHMS))
                        .build();
        decoder.setJwtValidator(
                JwtValidators.createDefaultWithValidators(
                        List.<OAuth2TokenValidator<Jwt>>of(
                                types(),
                                new JwtIssuerValidator(issuer),
                                new JwtClaimValidator<@Nullable Collection<String>>(
                                        JwtClaimNames.AUD,
                                        values -> values != null && values.contains(audience)),
                                new JwtClaimValidator<>(JwtClaimNames.EXP, Objects::nonNull))));
        return new Tokens(keys, decoder);
    }

    private static JWKSource<SecurityContext> keys(String issuer) {
        return JWKSourceBuilder.create(new IssuerKeySource(issuer))
                .cache(CACHED.toMillis(), IssuerKeySource.TIMEOUT.toMillis())
                .refreshAheadCache(
                        REFRESH_AHEAD.toMillis(),
                        null,
                        Executors.newSingleThreadExecutor(
                                Thread.ofPlatform().name("issuer-keys").daemon().factory()),
                        true,
                        null,
                        false)
                .rateLimited(REFRESH_INTERVAL.toMillis())
                .outageTolerant(OUTAGE.toMillis())
                .build();
    }

    /// Accepts a JWT, or an access token of RFC 9068.
    private static JwtTypeValidator types() {
        JwtTypeValidator types = new JwtTypeValidator("JWT", "at+jwt", "application/at+jwt");
        types.setAllowEmpty(true);
        return types;
    }

    /// @throws Unauthenticated, IssuerUnavailable
    Identity identity(String token) {
        try {
            Jwt jwt = decoder.decode(token);
            return new Identity("token:" + jwt.getSubject(), scope(jwt));
        } catch (BadJwtException e) {
            throw Unauthenticated.invalid();
        } catch (JwtException unverified) {
            // The token's key is unknown, and the keys cannot be refreshed now.
            if (keysAreKnown()) {
                throw Unauthenticated.invalid();
            }
            throw new IssuerUnavailable(unverified);
        }
    }

    private boolean keysAreKnown() {
        try {
            keys.get(new JWKSelector(new JWKMatcher.Builder().build()), null);
            return true;
        } catch (KeySourceException unknown) {
            return false;
        }
    }

    /// Returns the widest scope that `scope` (RFC 8693) or `scp` names; [Scope#NONE] if neither
    /// names one.
    private static Scope scope(Jwt jwt) {
        return Stream.of("scope", "scp")
                .flatMap(claim -> words(jwt.getClaims().get(claim)))
                .map(Scope::named)
                .flatMap(Optional::stream)
                .max(Comparator.naturalOrder())
                .orElse(Scope.NONE);
    }

    private static Stream<String> words(@Nullable Object claim) {
        return switch (claim) {
            case String text -> Stream.of(text.split(" "));
            case List<?> list -> list.stream().map(String::valueOf);
            case null, default -> Stream.of();
        };
    }
}
