package batchnorm.codec;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuotedInputTest {

    @Test
    void quotesWhatIsShort() {
        assertThat(QuotedInput.of("gamma é 中")).isEqualTo("\"gamma é 中\"");
        assertThat(QuotedInput.of("x".repeat(40))).isEqualTo('"' + "x".repeat(40) + '"');
    }

    @Test
    void cutsWhatIsLong() {
        assertThat(QuotedInput.of("x".repeat(41))).isEqualTo('"' + "x".repeat(40) + "…\"");
        assertThat(QuotedInput.cut("x".repeat(41))).isEqualTo("x".repeat(40));
    }

    /// Line ends would start a line of a log. Direction marks and unpaired surrogates would change
    /// the surrounding text.
    @ParameterizedTest
    @CsvSource({"10", "0", "127", "133", "8232", "8233", "8238", "65279", "55357"})
    void writesOutWhatIsNoCharacterToRead(int character) {
        assertThat(QuotedInput.cut("a" + (char) character + "b"))
                .isEqualTo("a\\u%04Xb".formatted(character));
    }

    @Test
    void namesAByte() {
        assertThat(QuotedInput.of((byte) '!')).isEqualTo("'!'");
        assertThat(QuotedInput.of((byte) '~')).isEqualTo("'~'");
        assertThat(QuotedInput.of((byte) ' ')).isEqualTo("the byte 0x20");
        assertThat(QuotedInput.of((byte) 0x7F)).isEqualTo("the byte 0x7F");
        assertThat(QuotedInput.of((byte) 0xE9)).isEqualTo("the byte 0xE9");
    }
}
