package batchnorm.service.security;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/// An OpenID provider: discovery, public keys, and tokens on demand.
public final class Issuer implements AutoCloseable {
    public static final String AUDIENCE = "batchnorm";

    private volatile RSAKey key = newKey("one");
    private final HttpServer server;
    private final AtomicInteger keyRequests = new AtomicInteger();
    private volatile CountDownLatch silence = new CountDownLatch(0);

    public Issuer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        serve(
                "/.well-known/openid-configuration",
                () -> "{\"issuer\": \"%s\", \"jwks_uri\": \"%s/keys\"}".formatted(url(), url()));
        serve("/keys", () -> new JWKSet(key.toPublicJWK()).toString());
        serve("/traces", () -> "{}"); // a collector of traces, for services that need one
        server.start();
    }

    /// Returns how often the keys were fetched.
    public int keyRequests() {
        return keyRequests.get();
    }

    /// Replaces the signing key and publishes only the new one.
    public void rotate(String keyId) {
        key = newKey(keyId);
    }

    /// Holds all requests until the result is closed.
    public Silence hang() {
        CountDownLatch latch = new CountDownLatch(1);
        silence = latch;
        return latch::countDown;
    }

    /// Resumes on close.
    public interface Silence extends AutoCloseable {
        @Override
        void close();
    }

    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /// @param change of a token that is valid for an hour and grants nothing
    public String token(UnaryOperator<JWTClaimsSet.Builder> change) {
        return token(key, change);
    }

    /// Returns a valid token of this type, for `admin`.
    public String token(JOSEObjectType type) {
        return token(key, type, claims -> claims.claim("scope", "admin"));
    }

    /// Returns a token with a key unknown to the issuer.
    public String ofKey(String keyId) {
        return token(newKey(keyId), claims -> claims.claim("scope", "admin"));
    }

    /// Returns a token with a foreign signature.
    public String forged(UnaryOperator<JWTClaimsSet.Builder> change) {
        return token(newKey("one"), change);
    }

    private String token(RSAKey signer, UnaryOperator<JWTClaimsSet.Builder> change) {
        return token(signer, null, change);
    }

    private String token(
            RSAKey signer, JOSEObjectType type, UnaryOperator<JWTClaimsSet.Builder> change) {
        JWTClaimsSet.Builder claims =
                new JWTClaimsSet.Builder()
                        .issuer(url())
                        .subject("somebody")
                        .audience(AUDIENCE)
                        .expirationTime(inAnHour());
        SignedJWT token =
                new SignedJWT(
                        new JWSHeader.Builder(JWSAlgorithm.RS256)
                                .keyID(signer.getKeyID())
                                .type(type)
                                .build(),
                        change.apply(claims).build());
        try {
            token.sign(new RSASSASigner(signer));
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
        return token.serialize();
    }

    public static Date inAnHour() {
        return Date.from(Instant.now().plus(Duration.ofHours(1)));
    }

    private static RSAKey newKey(String keyId) {
        try {
            return new RSAKeyGenerator(2048).keyID(keyId).generate();
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    private void serve(String path, Supplier<String> json) {
        server.createContext(
                path,
                exchange -> {
                    if (path.equals("/keys")) {
                        keyRequests.incrementAndGet();
                    }
                    awaitSilence();
                    byte[] body = json.get().getBytes(StandardCharsets.UTF_8);
                    exchange.getResponseHeaders().set("Content-Type", "application/json");
                    exchange.sendResponseHeaders(200, body.length);
                    exchange.getResponseBody().write(body);
                    exchange.close();
                });
    }

    private void awaitSilence() {
        try {
            silence.await();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
