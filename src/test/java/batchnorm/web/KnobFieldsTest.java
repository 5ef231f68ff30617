package batchnorm.web;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.codec.Message;
import batchnorm.normalization.Config;
import batchnorm.normalization.Knob;
import batchnorm.normalization.KnobTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Whatever reads or shows a configuration has every knob of the table.
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

    /// The page has the conventions' own descriptions.
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "CONVENTION")
    void haveWordsOnThePage(Knob knob) throws IOException {
        assertThat(Files.readString(Path.of("src/main/resources/static/playground/words.js")))
                .containsPattern("(?m)^  " + knob.field() + ": ");
    }

    /// The convention is read on its own: what it has is overridden by the others.
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "CONVENTION")
    void areReadFromAMessage(Knob knob) {
        Config changed = KnobTest.changed(knob);
        Message all = LayerMessages.config(changed, 1);
        Message one = new Message();
        switch (Objects.requireNonNull(knob.onWire(changed))) {
            case String word -> one.with(knob.field(), word);
            case Double number -> one.with(knob.field(), number);
            case Long integer -> one.with(knob.field(), integer);
            case Boolean bool -> one.with(knob.field(), bool);
            case Object value -> throw new AssertionError(value.getClass());
        }
        assertThat(LayerMessages.config(changed.with(knob, knob.of(KnobTest.CONFIG)), one))
                .isEqualTo(changed);
        assertThat(LayerMessages.config(changed.convention().config(), all)).isEqualTo(changed);
    }
}
