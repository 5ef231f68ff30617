package batchnorm.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.digest.Sha256;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AuthenticatorTest {
    private static final String KEY = "3f1c0a";
    private static final String DIGEST = Sha256.hex(KEY);

    /// `{"alg":"RS256"}`, `{}` and a signature of one byte.
    private static final String WELL_FORMED = "eyJhbGciOiJSUzI1NiJ9.e30.AA";

    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    @Test
    void onLoopbackNobodyIsAsked() {
        assertThat(authenticator("", LOOPBACK).of(null)).isEqualTo(Identity.ANYONE);
    }

    @Test
    void beyondLoopbackItDoesNotStartWithoutCredentials() throws IOException {
        for (InetAddress address :
                new InetAddress[] {null, address("0.0.0.0"), address("::"), address("10.1.2.3")}) {
            assertThatExceptionOfType(AccessRefused.class)
                    .isThrownBy(() -> authenticator("", address))
                    .satisfies(refused ->
                            assertThat(refused.remedy())
                                    .contains("BATCHNORM_API_KEYS", "BATCHNORM_AUTH=none"));
        }
    }

    @Test
    void beyondLoopbackItStartsWithAKeyOrWithAWord() throws IOException {
        assertThat(authenticator("a:train:" + DIGEST, address("0.0.0.0")).requiresCredentials())
                .isTrue();
        AccessSettings none = new AccessSettings("none", null, null, null, null, null);
        assertThat(Authenticator.of(none, null).of(null)).isEqualTo(Identity.ANYONE);
    }

    @Test
    void noneBesideCredentialsIsRefused() {
        AccessSettings both =
                new AccessSettings("none", "a:train:" + DIGEST, null, null, null, null);
        assertThatThrownBy(() -> Authenticator.of(both, LOOPBACK))
                .isInstanceOf(AccessRefused.class);
    }

    @Test
    void anythingButNoneIsRefused() {
        AccessSettings off = new AccessSettings("off", null, null, null, null, null);
        assertThatThrownBy(() -> Authenticator.of(off, LOOPBACK)).isInstanceOf(AccessRefused.class);
    }

    @Test
    void anIssuerWithoutAnAudienceIsRefused() {
        AccessSettings issuer =
                new AccessSettings(null, null, null, "https://id.example", null, null);
        assertThatThrownBy(() -> Authenticator.of(issuer, LOOPBACK))
                .isInstanceOf(AccessRefused.class);
    }

    @Test
    void anIssuerThatDoesNotAnswerIsNobodysFault() {
        AccessSettings settings =
                new AccessSettings(null, null, null, "http://127.0.0.1:1", "batchnorm", null);
        assertThatThrownBy(() -> Authenticator.of(settings, LOOPBACK).of("Bearer " + WELL_FORMED))
                .isInstanceOf(IssuerUnavailable.class);
    }

    @Test
    void aKeyIsKnownByItsDigest() {
        Authenticator authenticator = authenticator("a:train:" + DIGEST, LOOPBACK);
        assertThat(authenticator.of("Bearer " + KEY)).isEqualTo(new Identity("a", Scope.TRAIN));
        assertThatThrownBy(() -> authenticator.of("Bearer " + KEY + "0"))
                .isInstanceOf(Unauthenticated.class);
        assertThat(authenticator.of(null)).isEqualTo(Identity.ANONYMOUS);
    }

    @Test
    void keysComeFromAFileToo(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("keys");
        Files.writeString(
                file, "# who\na:infer:" + DIGEST + "\n\nb:admin:" + "0".repeat(64) + "\n");
        AccessSettings settings =
                new AccessSettings(
                        null, "c:train:" + "1".repeat(64), file.toString(), null, null, null);
        assertThat(Authenticator.of(settings, null).of("bearer  " + KEY))
                .isEqualTo(new Identity("a", Scope.INFER));
    }

    @Test
    void aFileThatIsNotThereIsRefused(@TempDir Path directory) {
        AccessSettings settings =
                new AccessSettings(null, null, directory.resolve("x").toString(), null, null, null);
        assertThatThrownBy(() -> Authenticator.of(settings, LOOPBACK))
                .isInstanceOf(AccessRefused.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a-key-in-the-clear",
                "a:train:a-key-in-the-clear",
                "a:none:0000000000000000000000000000000000000000000000000000000000000000",
                "a:root:0000000000000000000000000000000000000000000000000000000000000000",
                "a\u0001:train:0000000000000000000000000000000000000000000000000000000000000000",
            })
    void anEntryThatIsNotOneIsRefusedWithoutBeingRepeated(String entry) {
        assertThatExceptionOfType(AccessRefused.class)
                .isThrownBy(() -> authenticator(entry, LOOPBACK))
                .satisfies(refused ->
                        assertThat(refused.getMessage() + refused.remedy())
                                .doesNotContain("clear", "root", "0000"));
    }

    @Test
    void twoKeysOfOneNameAreRefused() {
        assertThatThrownBy(
                        () -> authenticator("a:train:" + DIGEST + ",a:infer:" + DIGEST, LOOPBACK))
                .isInstanceOf(AccessRefused.class);
    }

    @Test
    void settingsDoNotTellTheirKeys() {
        assertThat(
                        new AccessSettings(null, "secret", "secret", "secret", "secret", null)
                                .toString())
                .doesNotContain("secret");
    }

    private static Authenticator authenticator(String keys, InetAddress listening) {
        return Authenticator.of(new AccessSettings(null, keys, null, null, null, null), listening);
    }

    private static InetAddress address(String text) throws IOException {
        return InetAddress.getByName(text);
    }
}
