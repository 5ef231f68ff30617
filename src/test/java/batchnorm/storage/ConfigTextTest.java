package batchnorm.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import batchnorm.normalization.Config;
import batchnorm.normalization.Convention;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JacksonException;

class ConfigTextTest {
    @Test
    void aKnobThatARowDoesNotHaveYetIsTheConventions() {
        Config config = ConfigText.read(Convention.KERAS, "{\"epsilon\": 0.5}");
        assertThat(config.epsilon()).isEqualTo(0.5);
        assertThat(config)
                .usingRecursiveComparison()
                .ignoringFields("epsilon")
                .isEqualTo(Convention.KERAS.config());
    }

    @Test
    void noMomentumIsNotTheConventionsMomentum() {
        assertThat(ConfigText.read(Convention.KERAS, "{\"momentum\": null}").momentum()).isNull();
    }

    @Test
    void aKnobOfANewerProgramIsNotDropped() {
        assertThatExceptionOfType(JacksonException.class)
                .isThrownBy(() -> ConfigText.read(Convention.PYTORCH, "{\"later\": 1}"));
    }
}
