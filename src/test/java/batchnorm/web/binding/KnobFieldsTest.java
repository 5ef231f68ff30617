package batchnorm.web.binding;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.codec.Message;
import batchnorm.normalization.Config;
import batchnorm.normalization.Knob;
import batchnorm.normalization.KnobTest;
import batchnorm.web.api.KnobValues;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// All readers and writers of a configuration cover every knob.
class KnobFieldsTest {
    @ParameterizedTest
    @EnumSource
    void standInTheContract(Knob knob) throws IOException {
        JsonNode schemas =
                JsonMapper.shared()
                        .readTree(Path.of("docs/openapi.json"))
                        .at("/components/schemas");
        for (String schema : new String[] {"Config", "CreateLayerRequest"}) {
            JsonNode field = schemas.at("/" + schema + "/properties/" + knob.field());
            assertThat(field.path("description").asString("")).as(schema).isNotEmpty();
        }
    }

    /// The page describes the conventions in its own terms.
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "CONVENTION")
    void haveWordsOnThePage(Knob knob) throws IOException {
        assertThat(Files.readString(Path.of("src/main/resources/static/playground/words.js")))
                .containsPattern("(?m)^  " + knob.field() + ": ");
    }

    /// The convention is read separately, because the knobs override it.
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "CONVENTION")
    void areReadFromAMessage(Knob knob) {
        Config changed = KnobTest.changed(knob);
        Message one = new Message();
        one.put(knob.field(), knob.onWire(changed));
        assertThat(new KnobValues(one).applyTo(changed.with(knob, knob.of(KnobTest.CONFIG))))
                .isEqualTo(changed);
        assertThat(KnobValues.of(changed, 1).applyTo(changed.convention().config()))
                .isEqualTo(changed);
    }
}
