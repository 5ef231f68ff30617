package batchnorm.access;

import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.security.oauth2.core.DelegatingOAuth2TokenValidator;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.BadJwtException;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtClaimNames;
import org.springframework.security.oauth2.jwt.JwtClaimValidator;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtDecoderInitializationException;
import org.springframework.security.oauth2.jwt.JwtException;
import org.springframework.security.oauth2.jwt.JwtValidators;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.security.oauth2.jwt.SupplierJwtDecoder;
import org.springframework.web.client.RestTemplate;

/// OAuth 2 access tokens: JWTs that an OpenID provider has signed for this service.
final class Tokens {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /// Public keys only: with a shared secret, whoever can check a token could also make one.
    private static final Set<SignatureAlgorithm> ALGORITHMS = Set.of(SignatureAlgorithm.values());

    private final JwtDecoder decoder;

    private Tokens(JwtDecoder decoder) {
        this.decoder = decoder;
    }

    /// Asks the issuer for its keys with the first token, so that the service starts without it.
    static Tokens of(String issuer, String audience) {
        return new Tokens(new SupplierJwtDecoder(() -> decoder(issuer, audience)));
    }

    private static JwtDecoder decoder(String issuer, String audience) {
        JdkClientHttpRequestFactory http = new JdkClientHttpRequestFactory();
        http.setReadTimeout(PATIENCE);
        NimbusJwtDecoder decoder =
                NimbusJwtDecoder.withIssuerLocation(issuer)
                        .restOperations(new RestTemplate(http))
                        .jwsAlgorithms(algorithms -> algorithms.addAll(ALGORITHMS))
                        .build();
        decoder.setJwtValidator(
                new DelegatingOAuth2TokenValidator<>(
                        JwtValidators.createDefaultWithIssuer(issuer),
                        new JwtClaimValidator<@Nullable Collection<String>>(
                                JwtClaimNames.AUD,
                                meant -> meant != null && meant.contains(audience)),
                        new JwtClaimValidator<>(JwtClaimNames.EXP, Objects::nonNull)));
        return decoder;
    }

    /// @throws Unauthenticated, IssuerUnavailable
    Identity identity(String token) {
        try {
            Jwt jwt = decoder.decode(token);
            return new Identity("token:" + jwt.getSubject(), scope(jwt));
        } catch (BadJwtException bad) {
            throw Unauthenticated.invalid();
        } catch (JwtException | JwtDecoderInitializationException unreachable) {
            throw new IssuerUnavailable(unreachable);
        }
    }

    /// The widest scope that `scope` (RFC 8693) or `scp` names; none if neither names one of ours.
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
