package batchnorm.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import batchnorm.normalization.Config;
import batchnorm.normalization.Convention;
import batchnorm.normalization.Renorm;
import batchnorm.normalization.Variant;
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

    @Test
    void variantsComeBack() {
        Config config =
                Convention.KERAS.config().with(new Variant(true, true, 0.25, 3, new Renorm(2, 1)));
        assertThat(ConfigText.read(Convention.KERAS, ConfigText.write(config))).isEqualTo(config);
        String older = "{\"variant\": {\"freezeParameters\": true}}";
        assertThat(ConfigText.read(Convention.KERAS, older).variant())
                .isEqualTo(new Variant(false, true, 0, null, null));
    }

    @Test
    void aLayerWithoutVariantsIsReadByProgramsThatKnowNone() {
        assertThat(ConfigText.write(Convention.KERAS.config())).doesNotContain("variant");
    }
}
