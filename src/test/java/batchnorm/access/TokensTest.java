package batchnorm.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.service.security.Issuer;
import com.nimbusds.jose.JOSEObjectType;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/// The load on an issuer, and the effect of its outage on callers.
@Timeout(60)
@ExtendWith(OutputCaptureExtension.class)
class TokensTest {

    @Test
    void unknownKeysFetchTheKeySetAFewTimesOnly() throws IOException {
        try (Issuer issuer = new Issuer()) {
            Tokens tokens = Tokens.of(issuer.url(), Issuer.AUDIENCE);
            tokens.identity(good(issuer));
            for (int i = 0; i < 10; i++) {
                String unknown = issuer.ofKey("unknown-" + i);
                assertThatThrownBy(() -> tokens.identity(unknown))
                        .isInstanceOf(Unauthenticated.class);
            }
            assertThat(issuer.keyRequests()).isLessThanOrEqualTo(3);
            assertThat(tokens.identity(good(issuer)).scope()).isEqualTo(Scope.ADMIN);
        }
    }

    @Test
    void aNewKeyIsFetchedWhenATokenNamesIt() throws IOException {
        try (Issuer issuer = new Issuer()) {
            Tokens tokens = Tokens.of(issuer.url(), Issuer.AUDIENCE);
            String old = good(issuer);
            tokens.identity(old);
            issuer.rotate("two");
            assertThat(tokens.identity(good(issuer)).scope()).isEqualTo(Scope.ADMIN);
            assertThatThrownBy(() -> tokens.identity(old)).isInstanceOf(Unauthenticated.class);
        }
    }

    /// The issuer stays silent until the valid token has passed, so a waiting token would never
    /// pass.
    @Test
    void aGoodTokenDoesNotWaitForAnIssuerThatHangs() throws Exception {
        try (Issuer issuer = new Issuer();
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            Tokens tokens = Tokens.of(issuer.url(), Issuer.AUDIENCE);
            String good = good(issuer);
            tokens.identity(good);
            int before = issuer.keyRequests();
            List<String> forged =
                    IntStream.range(0, 4).mapToObj(i -> issuer.ofKey("unknown-" + i)).toList();
            List<Future<?>> unknown = new ArrayList<>();
            try (Issuer.Silence _ = issuer.hang()) {
                for (String token : forged) {
                    unknown.add(callers.submit(() -> tokens.identity(token)));
                }
                Thread.sleep(200); // they wait for the issuer
                assertThat(tokens.identity(good).scope()).isEqualTo(Scope.ADMIN);
                assertThat(unknown).noneMatch(Future::isDone);
                for (Future<?> caller : unknown) {
                    assertThatThrownBy(() -> caller.get(30, TimeUnit.SECONDS))
                            .hasCauseInstanceOf(Unauthenticated.class);
                }
            }
            assertThat(issuer.keyRequests() - before).isLessThanOrEqualTo(2);
            assertThat(tokens.identity(good).scope()).isEqualTo(Scope.ADMIN);
        }
    }

    /// Occasional bytes restart a per-read time-out.
    @Test
    void anIssuerThatTricklesIsGivenUp(CapturedOutput output) throws Exception {
        try (ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> trickle(server));
            Tokens tokens = Tokens.of("http://127.0.0.1:" + server.getLocalPort(), Issuer.AUDIENCE);
            assertThatThrownBy(() -> tokens.identity("eyJhbGciOiJSUzI1NiJ9.e30.AA"))
                    .isInstanceOf(IssuerUnavailable.class);
            assertThat(output)
                    .containsOnlyOnce("the keys of the issuer of tokens cannot be fetched")
                    .contains("does not respond");
        }
    }

    private static void trickle(ServerSocket server) {
        try (Socket socket = server.accept()) {
            socket.getOutputStream()
                    .write(
                            "HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n{"
                                    .getBytes(StandardCharsets.US_ASCII));
            while (true) {
                socket.getOutputStream().write(' ');
                Thread.sleep(100);
            }
        } catch (IOException | InterruptedException closed) {
            // The client has given up, or the test is over.
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"JWT", "at+jwt", "application/at+jwt"})
    void tokensOfTheseTypesAreAccepted(String type) throws IOException {
        try (Issuer issuer = new Issuer()) {
            Tokens tokens = Tokens.of(issuer.url(), Issuer.AUDIENCE);
            assertThat(tokens.identity(issuer.token(new JOSEObjectType(type))).scope())
                    .isEqualTo(Scope.ADMIN);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"secevent+jwt", "logout+jwt", "dpop+jwt"})
    void tokensForOtherPurposesAreRefused(String type) throws IOException {
        try (Issuer issuer = new Issuer()) {
            Tokens tokens = Tokens.of(issuer.url(), Issuer.AUDIENCE);
            String token = issuer.token(new JOSEObjectType(type));
            assertThatThrownBy(() -> tokens.identity(token)).isInstanceOf(Unauthenticated.class);
        }
    }

    private static String good(Issuer issuer) {
        return issuer.token(claims -> claims.claim("scope", "admin"));
    }
}
