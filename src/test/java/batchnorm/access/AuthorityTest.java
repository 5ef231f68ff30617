package batchnorm.access;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AuthorityTest {

    @ParameterizedTest
    @CsvSource({
        "localhost, localhost,",
        "LOCALHOST:8080, localhost, 8080",
        "localhost., localhost,",
        "a_b.c-d:, a_b.c-d,",
        "[::1]:80, [::1], 80",
        "127.0.0.1:1, 127.0.0.1, 1",
    })
    void readsHostAndPort(String text, String host, Integer port) {
        assertThat(Authority.parse(text)).isEqualTo(new Authority(host, port));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":",
                ":80",
                ".",
                "-",
                "a b",
                "a/b",
                "a@b",
                "a:b",
                "a:123456",
                "[::1",
                "::1",
                "[g]",
                "a:1:2",
                "a,b",
                "*",
                "%6c",
                "\u017f",
                "\u212a"
            })
    void isNothingElse(String text) {
        assertThat(Authority.parse(text)).isNull();
    }

    @Test
    void knowsAddressesFromNames() {
        assertThat(Authority.parse("10.1.2.3:8080")).matches(Authority::isAddress);
        assertThat(Authority.parse("[fe80::1]")).matches(Authority::isAddress);
        assertThat(Authority.parse("10.1.2.3.example"))
                .matches(authority -> !authority.isAddress());
        assertThat(Authority.parse("1.2.3")).matches(authority -> !authority.isAddress());
    }

    /// A header has at most 16 KB; a backtracking pattern would take seconds for it.
    @Test
    void takesTimeInProportionToTheLength() {
        String text = "a.".repeat(500_000) + "/";
        long begun = System.nanoTime();
        assertThat(Authority.parse(text)).isNull();
        assertThat(System.nanoTime() - begun).isLessThan(5_000_000_000L);
    }
}
