package batchnorm.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import batchnorm.normalization.Config;
import batchnorm.normalization.Convention;
import batchnorm.normalization.Knob;
import batchnorm.normalization.KnobTest;
import batchnorm.normalization.Renorm;
import batchnorm.normalization.Variant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

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
        assertThat(ConfigText.read(Convention.KERAS, "{\"momentum\": null}").momentum().value())
                .isNull();
    }

    @Test
    void aKnobOfANewerProgramIsNotDropped() {
        assertThatIllegalStateException()
                .isThrownBy(() -> ConfigText.read(Convention.PYTORCH, "{\"later\": 1}"))
                .withMessageContaining("later");
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

    @ParameterizedTest
    @EnumSource
    void everyKnobComesBack(Knob knob) {
        Config config = KnobTest.changed(knob);
        assertThat(ConfigText.read(Convention.KERAS, ConfigText.write(config))).isEqualTo(config);
    }

    /// A row as all versions since the first have written it.
    @Test
    void theTextIsWhatItAlwaysWas() {
        String row =
                "{\"convention\":\"KERAS\",\"epsilon\":0.001,\"momentum\":0.99,\"momentumMeaning\":\"OLD_WEIGHT\","
                        + "\"runningVariance\":\"BIASED\",\"scope\":\"SPATIAL\",\"channelAxis\":-1,\"scale\":true,"
                        + "\"shift\":true,\"trackRunningStats\":true,\"singleValue\":\"ZERO_VARIANCE\","
                        + "\"nonFinite\":\"REJECT\"";
        String variant =
                ",\"variant\":{\"freezeStatistics\":false,\"freezeParameters\":false,"
                        + "\"statisticsBlend\":0.25,\"virtualBatchSize\":3,\"renorm\":{\"rMax\":2.0,\"dMax\":1.0}}";
        assertThat(ConfigText.write(Convention.KERAS.config())).isEqualTo(row + "}");
        assertThat(ConfigText.write(KnobTest.CONFIG.with(Knob.EPSILON_FLOOR, 0.0)))
                .isEqualTo(row + variant + "}");
        String plain =
                ",\"variant\":{\"freezeStatistics\":false,\"freezeParameters\":false,"
                        + "\"statisticsBlend\":0.0,\"virtualBatchSize\":null,\"renorm\":null}";
        assertThat(ConfigText.read(Convention.KERAS, row + plain + "}"))
                .isEqualTo(Convention.KERAS.config());
    }

    @Test
    void aLaterKnobIsWrittenWhereItDiffersFromTheConvention() {
        Config fused = Convention.KERAS_2_FUSED.config();
        assertThat(ConfigText.write(fused)).doesNotContain("epsilonFloor", "zeroDebias");
        assertThat(ConfigText.read(Convention.KERAS_2_FUSED, ConfigText.write(fused)))
                .isEqualTo(fused);
        assertThat(ConfigText.write(fused.with(Knob.EPSILON_FLOOR, 0.0)))
                .contains("\"epsilonFloor\":0.0")
                .doesNotContain("zeroDebias");
    }

    @Test
    void aLayerWithoutVariantsIsReadByProgramsThatKnowNone() {
        assertThat(ConfigText.write(Convention.KERAS.config())).doesNotContain("variant");
    }
}
