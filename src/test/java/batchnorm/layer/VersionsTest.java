package batchnorm.layer;

import static batchnorm.layer.Registry.NAME;
import static batchnorm.layer.Registry.PYTORCH;
import static batchnorm.layer.Registry.START;
import static batchnorm.layer.Registry.unchanged;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VersionsTest {

    /// An invalid version is not repeated in the message, because the input is untrusted.
    @ParameterizedTest
    @CsvSource({"7, instead of 7", "latest, instead of what is no version"})
    void areNamedWhereTheyAreGone(String requested, String words) {
        Layer layer = Layer.create(NAME, PYTORCH, unchanged(), START);
        assertThat(new VersionNotFound(layer, requested))
                .hasMessageContaining("layer \"demo\" is at version 1")
                .hasMessageContaining(words);
    }
}
