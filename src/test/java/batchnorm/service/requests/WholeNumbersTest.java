package batchnorm.service.requests;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import batchnorm.service.Wire;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Tests that a number without a fraction is accepted as an integer in any notation, because many
/// JSON writers have one number type.
@ExtendWith(ServiceUnderTest.Shared.class)
class WholeNumbersTest {
    private final Client client;
    private final Wire wire;

    WholeNumbersTest(Client client) {
        this.client = client;
        this.wire = new Wire(client);
    }

    @ParameterizedTest
    @ValueSource(strings = {"2", "2.0", "2e0", "2E+0", "20e-1", "0.2e1", "2.000000000000000000000"})
    void areTheFeaturesOfALayer(String two) throws IOException {
        String layer =
                client.layer(
                        "\"features\": %s, \"channel_axis\": -1.0, \"num_batches_tracked\": 1e1"
                                .formatted(two));
        JsonNode made = client.get(layer).json();
        assertThat(made.get("features").toString()).isEqualTo("2");
        assertThat(made.at("/config/channel_axis").toString()).isEqualTo("-1");
        assertThat(made.get("num_batches_tracked").toString()).isEqualTo("10");
        JsonNode output =
                client.infer(layer, "{\"shape\": [1.0, %s], \"data\": [1, 2]}".formatted(two))
                        .field("output");
        assertThat(output.get("shape")).hasToString("[1,2]");
    }

    @Test
    void areTheRankAndStepOfAShard() throws IOException {
        String layer = client.layer("\"features\": 2");
        Answer group = client.post(layer + "/sync-groups", "{\"size\": 1.0}").expect(201);
        String path = "/sync-groups/" + group.field("group_id").stringValue() + "/forward-train";
        String input = "{\"input\": [[1, 2], [3, 4]]%s}";
        client.post(path, input.formatted(", \"rank\": 0.0, \"step\": 0e0")).expect(200);
        client.post(path + "?rank=0.0&step=1e0", input.formatted("")).expect(200);
        client.post(path + "?rank=0.5&step=2", input.formatted(""))
                .expectProblem(400, "invalid-request");
    }

    @Test
    void areTheShapeAndTheSizeOfAModelsInput() throws IOException {
        String model = client.layer("\"features\": 2").substring("/layers/".length());
        String input =
                "{\"inputs\": [{\"name\": \"input\", \"datatype\": \"FP64\", \"shape\": [1e0, 2.0], %s}]}";
        wire.inferJson(model, input.formatted("\"data\": [1, 2]")).expect(200);
        wire.infer(
                        model,
                        input.formatted("\"parameters\": {\"binary_data_size\": 16.0}"),
                        Wire.doubles(1, 2))
                .expect(200);
    }
}
