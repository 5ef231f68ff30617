package batchnorm.service.layers;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/// Tests the conversion of a layer to another convention, over HTTP.
@ExtendWith(ServiceUnderTest.Shared.class)
class ConvertTest {
    private static final String X = "[[1,2],[3,4],[5,6.5]]";

    private final Client client;

    ConvertTest(Client client) {
        this.client = client;
    }

    @Test
    void aConvertedLayerInfersTheSame() throws IOException {
        String layer = client.layer("\"gamma\": [2, 0.3]");
        client.train(layer, X);
        double[] before = client.infer(layer, X).numbers("output");
        Answer converted = client.post(layer + "/convert?to=keras", "").expect(200);
        double[] after = client.infer(layer, X).numbers("output");
        for (int i = 0; i < before.length; i++) {
            assertThat(Math.abs(after[i] - before[i])).isLessThanOrEqualTo(4 * Math.ulp(before[i]));
        }
        JsonNode config = converted.field("config");
        assertThat(config.get("convention").stringValue()).isEqualTo("keras");
        assertThat(config.get("epsilon").doubleValue()).isEqualTo(1e-3);
        assertThat(config.get("momentum").doubleValue()).isEqualTo(0.9);
        assertThat(config.get("momentum_meaning").stringValue()).isEqualTo("old_weight");
        assertThat(converted.field("version").intValue()).isEqualTo(3);
        assertThat(client.get(layer).field("config")).isEqualTo(config);
        assertThat(client.get(layer).field("running_var"))
                .isEqualTo(converted.field("running_var"));
    }

    @Test
    void everyKnobIsAccountedFor() throws IOException {
        String layer = client.layer("\"features\": 2");
        Answer converted = client.post(layer + "/convert?to=keras", "").expect(200);
        List<String> knobs =
                converted
                        .field("knobs")
                        .valueStream()
                        .map(knob -> knob.get("knob").stringValue())
                        .toList();
        List<String> config =
                converted.field("config").propertyNames().stream()
                        .filter(name -> !name.equals("alpha"))
                        .toList();
        assertThat(knobs).containsExactlyInAnyOrderElementsOf(config);
        assertThat(converted.field("not_exact").valueStream())
                .extracting(entry -> entry.get("what").stringValue())
                .containsExactlyInAnyOrder(
                        "epsilon", "momentum", "running_variance", "single_value", "channel_axis");
    }

    @Test
    void aDryRunChangesNothing() throws IOException {
        String layer = client.layer("\"features\": 2");
        Answer before = client.get(layer);
        Answer dry = client.post(layer + "/convert?to=onnx&dry_run=true", "").expect(200);
        assertThat(dry.field("dry_run").booleanValue()).isTrue();
        assertThat(dry.field("config").get("convention").stringValue()).isEqualTo("onnx");
        assertThat(dry.header("ETag")).isEqualTo(before.header("ETag"));
        assertThat(client.get(layer).body()).isEqualTo(before.body());
    }

    @Test
    void ifMatchKeepsItFromALayerThatHasMoved() throws IOException {
        String layer = client.layer("\"features\": 2");
        String tag = client.get(layer).header("ETag");
        client.train(layer, X);
        client.post(layer + "/convert?to=keras", "", "If-Match", tag).expect(412);
    }

    @Test
    void aLayerWithoutFeaturesIsConvertedToo() throws IOException {
        String layer = client.layer("");
        client.post(layer + "/convert?to=tensorflow-1", "").expect(200);
        client.train(layer, X);
        assertThat(client.get(layer).numbers("running_var")[0]).isLessThan(1);
    }
}
