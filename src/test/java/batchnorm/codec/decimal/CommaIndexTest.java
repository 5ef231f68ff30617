package batchnorm.codec.decimal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.fixtures.RandomSeed;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Eight bytes after the text are readable.
class CommaIndexTest {
    private static final String PADDING = "#".repeat(8);

    @ParameterizedTest
    @CsvSource({"2, 0, 40", "2, 0, 7", "3, 5, 200", "8, 1, 300", "25, 13, 300", "60, 3, 500"})
    void areFoundWhereverTheyAre(int gap, int from, int to) {
        Random random = RandomSeed.random(gap);
        byte[] text = new byte[520];
        for (int i = 0; i < text.length; i++) {
            text[i] = (byte) (random.nextInt(gap) == 0 ? ',' : random.nextInt(256));
        }
        int[] places = IntStream.range(from, to).filter(i -> text[i] == ',').toArray();
        CommaIndex commas = new CommaIndex(256);
        assertThat(commas.find(text, from, to, 256)).isEqualTo(places.length);
        for (int i = 0; i < places.length; i++) {
            assertThat(commas.place(i)).isEqualTo(places[i]);
        }
    }

    /// Includes bytes that differ from a comma in one bit.
    @Test
    void areNoOtherBytes() {
        byte[] text = new byte[256 + 8];
        for (int i = 0; i < 256; i++) {
            text[i] = (byte) i;
        }
        CommaIndex commas = new CommaIndex(256);
        assertThat(commas.find(text, 0, 256, 256)).isOne();
        assertThat(commas.place(0)).isEqualTo(',');
    }

    @Test
    void areAsManyAsRequested() {
        byte[] text = (",".repeat(100) + PADDING).getBytes(ISO_8859_1);
        CommaIndex commas = new CommaIndex(32);
        for (int most : new int[] {1, 7, 8, 9, 31, 32}) {
            assertThat(commas.find(text, 0, 100, most)).isEqualTo(most);
            assertThat(commas.place(most - 1)).isEqualTo(most - 1);
        }
    }

    /// About 24 bytes are scanned per requested comma.
    @Test
    void areLookedForInAShareOfTheText() {
        byte[] text = (" ".repeat(23) + "," + " ".repeat(300) + "," + PADDING).getBytes(ISO_8859_1);
        assertThat(new CommaIndex(32).find(text, 0, text.length - 8, 2)).isOne();
        assertThat(new CommaIndex(32).find(text, 0, text.length - 8, 32)).isEqualTo(2);
    }

    @Test
    void areNotLeftFromATextBefore() {
        CommaIndex commas = new CommaIndex(32);
        commas.find((",".repeat(100) + PADDING).getBytes(ISO_8859_1), 0, 100, 32);
        byte[] shorter = ("1,22,333" + PADDING).getBytes(ISO_8859_1);
        assertThat(commas.find(shorter, 0, 8, 32)).isEqualTo(2);
        assertThat(commas.find(shorter, 0, 4, 32)).isOne();
        assertThat(commas.find(shorter, 0, 1, 32)).isZero();
    }
}
