package batchnorm.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResourceTextsTest {

    @ParameterizedTest
    @ValueSource(strings = {"glossary", "problems"})
    void holdEveryKeyOnce(String file) {
        assertThat(new ResourceTexts(file).of("no such key")).isNull();
    }

    @Test
    void rejectADoubledKey() {
        assertThatThrownBy(() -> new ResourceTexts("doubled"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"kind\"");
    }

    @Test
    void tellTheKindOfAnOptimizerFromThatOfAFold() {
        assertThat(FieldDescriptions.meaning("Optimizer", "kind")).contains("sgd", "adam");
        assertThat(FieldDescriptions.meaning("FoldRequest", "kind")).contains("weights");
        assertThat(FieldDescriptions.meaning("Difference", "tensor")).contains("grad_input");
        assertThat(FieldDescriptions.meaning("SyncGroup", "layer"))
                .isEqualTo("The name of the layer.");
    }
}
