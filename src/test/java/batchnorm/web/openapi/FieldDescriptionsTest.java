package batchnorm.web.openapi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FieldDescriptionsTest {

    /// A duplicate key would silently replace the first value.
    @ParameterizedTest
    @ValueSource(strings = {"glossary", "problems"})
    void holdEveryKeyOnce(String file) throws IOException {
        List<String> keys =
                Files.readAllLines(Path.of("src/main/resources/openapi", file + ".properties"))
                        .stream()
                        .filter(line -> line.matches("[\\w.-]+\\s*[=:].*"))
                        .map(line -> line.split("\\s*[=:]", 2)[0])
                        .toList();
        assertThat(keys).hasSizeGreaterThan(20).doesNotHaveDuplicates();
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
