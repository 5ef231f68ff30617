package batchnorm.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WordsTest {

    @ParameterizedTest
    @ValueSource(strings = {"glossary", "problems"})
    void holdEveryKeyOnce(String file) {
        assertThat(new Words(file).of("no such key")).isNull();
    }

    @Test
    void rejectADoubledKey() {
        assertThatThrownBy(() -> new Words("doubled"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"kind\"");
    }

    @Test
    void tellTheKindOfAnOptimizerFromThatOfAFold() {
        assertThat(Glossary.meaning("Optimizer", "kind")).contains("sgd", "adam");
        assertThat(Glossary.meaning("FoldRequest", "kind")).contains("weights");
        assertThat(Glossary.meaning("Difference", "tensor")).contains("grad_input");
        assertThat(Glossary.meaning("SyncGroup", "layer")).isEqualTo("The name of the layer.");
    }
}
