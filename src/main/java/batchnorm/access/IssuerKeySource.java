package batchnorm.access;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.JWKSetCacheRefreshEvaluator;
import com.nimbusds.jose.jwk.source.JWKSetSource;
import com.nimbusds.jose.jwk.source.JWKSetUnavailableException;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Fetches an issuer's public keys: its metadata by discovery, then the referenced key set. Both
/// together take at most five seconds, however slowly the bytes arrive.
final class IssuerKeySource implements JWKSetSource<SecurityContext> {
    static final Duration TIMEOUT = Duration.ofSeconds(5);

    /// Limit of a response. A key has about 500 bytes.
    private static final int MAX_BYTES = 1 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(IssuerKeySource.class);

    private final String issuer;

    /// Null while the last fetch has succeeded.
    private @Nullable Long unavailableSince;

    private final HttpClient http =
            HttpClient.newBuilder()
                    .connectTimeout(TIMEOUT)
                    .version(HttpClient.Version.HTTP_1_1)
                    .build();

    IssuerKeySource(String issuer) {
        this.issuer = issuer;
    }

    @Override
    public JWKSet getJWKSet(
            JWKSetCacheRefreshEvaluator evaluator,
            long currentTime,
            @Nullable SecurityContext context)
            throws JWKSetUnavailableException {
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        try {
            JWKSet keys = JWKSet.parse(get(keysUri(deadline), deadline));
            logAvailable();
            return keys;
        } catch (IOException | ParseException | IllegalArgumentException e) {
            logUnavailable(e);
            throw new JWKSetUnavailableException("the issuer's keys cannot be fetched", e);
        }
    }

    private synchronized void logUnavailable(Exception cause) {
        if (unavailableSince == null) {
            unavailableSince = System.nanoTime();
            Throwable root = cause.getCause() == null ? cause : cause.getCause();
            LOG.atWarn()
                    .addKeyValue("event", "issuer-unavailable")
                    .log(
                            "the keys of the issuer of tokens cannot be fetched ({}, {}); tokens of known keys are"
                                    + " accepted",
                            cause.getMessage(),
                            String.valueOf(root.getMessage()));
        }
    }

    private synchronized void logAvailable() {
        Long since = unavailableSince;
        if (since != null) {
            unavailableSince = null;
            LOG.atInfo()
                    .addKeyValue("event", "issuer-available")
                    .log(
                            "the keys of the issuer of tokens were fetched again, after {} s",
                            TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - since));
        }
    }

    /// Returns the `jwks_uri` of the first metadata document that exists.
    private URI keysUri(long deadline) throws IOException, ParseException {
        for (URI metadata : metadataUris(URI.create(issuer))) {
            String document;
            try {
                document = get(metadata, deadline);
            } catch (NotFound e) {
                continue;
            }
            return keysUri(document);
        }
        throw new IOException("the issuer publishes no metadata");
    }

    private URI keysUri(String document) throws IOException, ParseException {
        Map<String, Object> fields = JSONObjectUtils.parse(document);
        if (!Objects.equals(JSONObjectUtils.getString(fields, "issuer"), issuer)) {
            throw new IOException("the metadata are of another issuer");
        }
        @Nullable String keys = JSONObjectUtils.getString(fields, "jwks_uri");
        if (keys == null) {
            throw new IOException("the metadata name no keys");
        }
        return URI.create(keys);
    }

    /// OpenID Connect Discovery 1.0, 4; then RFC 8414, 3 and 5.
    private static List<URI> metadataUris(URI issuer) {
        String path = issuer.getPath() == null ? "" : issuer.getPath().replaceAll("/$", "");
        return List.of(
                issuer.resolve(path + "/.well-known/openid-configuration"),
                issuer.resolve("/.well-known/openid-configuration" + path),
                issuer.resolve("/.well-known/oauth-authorization-server" + path));
    }

    /// @throws NotFound for a 4xx status
    private String get(URI uri, long deadline) throws IOException {
        HttpRequest request =
                HttpRequest.newBuilder(uri).header("Accept", "application/json").build();
        CompletableFuture<HttpResponse<String>> response =
                http.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofString(), MAX_BYTES));
        try {
            HttpResponse<String> received =
                    response.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (received.statusCode() / 100 == 4) {
                throw new NotFound();
            }
            if (received.statusCode() != 200) {
                throw new IOException("the issuer responds with status " + received.statusCode());
            }
            return received.body();
        } catch (TimeoutException | ExecutionException e) {
            throw new IOException("the issuer does not respond", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            response.cancel(true); // ends an exchange that is still open
        }
    }

    @Override
    public void close() {
        http.close();
    }

    private static final class NotFound extends IOException {
        private static final long serialVersionUID = 1;
    }
}
