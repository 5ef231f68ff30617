package batchnorm.service.openinference;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import batchnorm.service.Wire;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// Tests the protocol's metadata of the server, its models and their repository.
@ExtendWith(ServiceUnderTest.Shared.class)
class OpenInferenceModelsTest {
    private static final String X =
            "{\"name\": \"input\", \"shape\": [3, 2], \"datatype\": \"FP64\", \"data\": [1, 2, 3, 4, 5, 6]}";

    private final Client client;
    private final Wire wire;

    OpenInferenceModelsTest(Client client) {
        this.client = client;
        this.wire = new Wire(client);
    }

    private String model(String fields) throws IOException {
        return client.layer(fields).substring("/layers/".length());
    }

    @Test
    void describesTheServer() throws IOException {
        for (String path : List.of("//v2", "//v2/")) {
            JsonNode server = client.get(path).expect(200).json();
            assertThat(server.get("name").stringValue()).isEqualTo("batchnorm");
            assertThat(server.get("version").stringValue()).isNotEmpty();
            assertThat(server.get("extensions").valueStream().map(JsonNode::stringValue))
                    .contains("binary_tensor_data", "model_repository", "statistics");
        }
        assertThat(client.get("//v2/health/live").expect(200).field("live").booleanValue())
                .isTrue();
        assertThat(client.get("//v2/health/ready").expect(200).field("ready").booleanValue())
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"features\": 3                                          | [-1,3]",
                "\"convention\": \"keras\", \"features\": 3               | [-1,3]",
                "\"channel_axis\": -2, \"features\": 3                    | [-1,3,-1]",
                "\"channel_axis\": 3, \"features\": 3                     | [-1,-1,-1,3]",
                "\"channel_axis\": 0, \"features\": 3                     | [3,-1]",
                "\"scope\": \"per_activation\", \"features\": 12          | [-1,12]",
                "\"epsilon\": 0.001                                       | [-1,-1]",
            })
    void describesTheShapeOfAModel(String fields, String shape) throws IOException {
        String name = model(fields);
        JsonNode model = client.get("//v2/models/" + name).expect(200).json();
        assertThat(model.get("name").stringValue()).isEqualTo(name);
        assertThat(model.get("versions").toString()).isEqualTo("[\"1\"]");
        assertThat(model.get("inputs").toString())
                .isEqualTo("[{\"name\":\"input\",\"datatype\":\"FP32\",\"shape\":" + shape + "}]");
        assertThat(model.get("outputs").toString()).contains("\"name\":\"output\"", shape);
        JsonNode config = client.get("//v2/models/" + name + "/config").expect(200).json();
        assertThat(config.at("/input/0/dims").toString()).isEqualTo(shape);
        assertThat(config.at("/input/0/data_type").stringValue()).isEqualTo("TYPE_FP32");
        assertThat(config.at("/max_batch_size").intValue()).isZero();
        assertThat(config.at("/parameters/epsilon/string_value").isString()).isTrue();
    }

    @Test
    void isARepositoryOfLayersThatAreAlwaysLoaded() throws IOException {
        String name = model("\"features\": 2");
        JsonNode index = client.send("POST", "//v2/repository/index", null).expect(200).json();
        assertThat(index.isArray()).isTrue();
        assertThat(index.valueStream().filter(m -> m.get("name").stringValue().equals(name)))
                .singleElement()
                .satisfies(model -> {
                    assertThat(model.get("version").stringValue()).isEqualTo("1");
                    assertThat(model.get("state").stringValue()).isEqualTo("READY");
                    assertThat(model.get("reason").stringValue()).isEmpty();
                });
        for (String body :
                List.of("{}", "{\"parameters\": null}", "{\"parameters\": {\"mine\": [1]}}")) {
            Answer loaded = client.post("//v2/repository/models/" + name + "/load", body);
            assertThat(loaded.expect(200).field("load").booleanValue()).isTrue();
        }
        client.send("POST", "//v2/repository/models/" + name + "/load", null).expect(200);
        for (String verb : List.of("load", "unload")) {
            Answer refused = client.post("//v2/repository/models/nobody/" + verb, "{}");
            assertThat(refused.expect(404).field("error").stringValue()).contains("nobody");
        }
        client.get("//v2/models/" + name + "/ready").expect(200);
    }

    @Test
    void countsWhatItAnsweredAndRefused() throws IOException {
        String name = model("\"features\": 2");
        wire.inferJson(name, "{\"inputs\": [" + X + "]}").expect(200);
        wire.inferJson(name, "{\"inputs\": []}").expect(400);
        JsonNode stats =
                client.get("//v2/models/" + name + "/stats")
                        .expect(200)
                        .json()
                        .at("/model_stats/0");
        assertThat(stats.get("name").stringValue()).isEqualTo(name);
        assertThat(stats.get("inference_count").intValue()).isEqualTo(3);
        assertThat(stats.get("execution_count").intValue()).isEqualTo(1);
        assertThat(stats.get("last_inference").longValue()).isPositive();
        assertThat(stats.at("/inference_stats/success/count").intValue()).isEqualTo(1);
        assertThat(stats.at("/inference_stats/success/ns").longValue()).isPositive();
        assertThat(stats.at("/inference_stats/fail/count").intValue()).isEqualTo(1);
        client.delete("/layers/" + name).expect(204);
        client.get("//v2/models/" + name + "/stats").expect(404);
        assertThat(client.get("//v2/models/stats").expect(200).body()).doesNotContain(name + '"');
    }
}
