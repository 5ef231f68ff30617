package batchnorm.service.layers;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/// Tests the knobs of a layer in several operations, and the single format of their numbers.
@ExtendWith(ServiceUnderTest.Shared.class)
class KnobsTest {
    private final Client client;

    KnobsTest(Client client) {
        this.client = client;
    }

    @Test
    void areAllParametersOfTheModel() throws IOException {
        String layer =
                client.layer(
                        "\"features\": 2, \"epsilon\": 0.00001, \"r_max\": 3, \"d_max\": 5,"
                                + " \"non_finite\": \"propagate\"");
        JsonNode config = client.get(layer).field("config");
        JsonNode parameters =
                client.get("//v2" + layer.replace("/layers/", "/models/") + "/config")
                        .expect(200)
                        .field("parameters");
        assertThat(
                        parameters
                                .propertyStream()
                                .collect(
                                        Collectors.toMap(
                                                Map.Entry::getKey,
                                                knob ->
                                                        knob.getValue()
                                                                .get("string_value")
                                                                .stringValue())))
                .hasSize(22)
                .containsEntry("epsilon", "1e-5")
                .containsEntry("r_max", "3.0")
                .containsEntry("non_finite", "propagate")
                .containsEntry("virtual_batch_size", "null")
                .containsOnlyKeys(config.propertyNames());
    }

    @Test
    void areWrittenInOneWay() throws IOException {
        String layer = client.layer("\"features\": 2, \"momentum\": 0.0001");
        client.send("POST", layer + "/snapshots", null).expect(201);
        JsonNode knobs =
                client.send("POST", layer + "/convert?to=keras", null).expect(200).field("knobs");
        assertThat(knob(knobs, "epsilon").get("before").stringValue()).isEqualTo("1e-5");
        assertThat(knob(knobs, "momentum").get("before").stringValue()).isEqualTo("0.0001");
        JsonNode compared =
                client.get(layer + "/snapshots/compare?from=1").expect(200).field("knobs");
        assertThat(knob(compared, "epsilon").get("from").stringValue()).isEqualTo("1e-5");
        assertThat(knob(compared, "momentum").get("from").stringValue()).isEqualTo("0.0001");
        assertThat(client.get(layer).body()).contains("\"epsilon\":0.001");
    }

    @Test
    void areEchoedInTheSameForm() throws IOException {
        String layer = client.layer("\"features\": 2");
        assertThat(client.patch(layer, "{\"epsilon\": -0.00001}").expect(422).detail())
                .contains("epsilon is -1e-5");
        assertThat(
                        client.post(
                                        layer + "/apply-gradients",
                                        "{\"grad_gamma\": [1, 1], \"optimizer\": {\"kind\": \"sgd\","
                                                + " \"learning_rate\": -0.00001}}")
                                .expect(422)
                                .detail())
                .contains("learning_rate is -1e-5");
    }

    private static JsonNode knob(JsonNode knobs, String name) {
        return knobs.valueStream()
                .filter(knob -> knob.get("knob").stringValue().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
