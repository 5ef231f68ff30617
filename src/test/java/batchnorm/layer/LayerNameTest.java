package batchnorm.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LayerNameTest {

    @Test
    void isItsText() {
        assertThat(new LayerName("conv1.bn-2_x")).hasToString("conv1.bn-2_x");
        assertThat(new LayerName("a".repeat(128)).value()).hasSize(128);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-a", ".a", "_a", "a b", "a/b", "ä", "a\n"})
    void refusesWhatWouldNeedEscaping(String text) {
        assertThatThrownBy(() -> new LayerName(text))
                .isInstanceOf(LayerName.InvalidName.class)
                .hasMessageContaining("starts with a letter or digit");
    }

    @Test
    void refusesOneThatIsTooLong() {
        assertThatThrownBy(() -> new LayerName("a".repeat(129)))
                .isInstanceOf(LayerName.InvalidName.class);
    }

    @Test
    void isOrderedByItsText() {
        assertThat(new LayerName("a")).isLessThan(new LayerName("b"));
        assertThat(new LayerName("a")).isGreaterThan(new LayerName("Z"));
        assertThat(new LayerName("a.b")).isLessThan(new LayerName("a0"));
    }

    /// A `*` stands for as many `z` as the length permits.
    @ParameterizedTest
    @CsvSource({"b,a*", "1,0*", "a,Z*", "A,9*", "ab,aa*", "a.,a-*", "a0,a.*", "a_,aZ*", "aa,a_*"})
    void findsTheLastNameBeforeThoseThatBeginSo(String prefix, String last) {
        String stem = last.replace("*", "");
        assertThat(LayerName.lastBefore(prefix))
                .isEqualTo(new LayerName(stem + "z".repeat(128 - stem.length())));
    }

    @Test
    void comesBeforeAllThatGoOnFromIt() {
        assertThat(LayerName.lastBefore("a-")).isEqualTo(new LayerName("a"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0"})
    void hasNoneBeforeTheFirst(String prefix) {
        assertThat(LayerName.lastBefore(prefix)).isNull();
    }

    @Test
    void refusesABeginningThatNoNameHas() {
        assertThatThrownBy(() -> LayerName.lastBefore("/"))
                .isInstanceOf(LayerName.InvalidName.class);
    }
}
