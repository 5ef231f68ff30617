package batchnorm.service.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/// Tests the health report of a layer's running statistics.
@ExtendWith(ServiceUnderTest.Shared.class)
class HealthTest {
    private static final String X = "[[1,2],[3,4],[5,6]]";

    private final Client client;

    HealthTest(Client client) {
        this.client = client;
    }

    @Test
    void aLayerThatNoBatchHasReachedAnswers() throws IOException {
        String layer = client.layer("");
        Answer health = client.get(layer + "/health").expect(200);
        assertThat(health.field("never_trained").booleanValue()).isTrue();
        assertThat(health.field("update_weight_sum").doubleValue()).isZero();
        assertThat(health.field("smallest_variance").isNull()).isTrue();
        assertThat(health.field("drift").isNull()).isTrue();
        assertThat(health.field("warnings").get(0).stringValue()).contains("features");
        assertThat(health.header("ETag")).isEqualTo(client.get(layer).header("ETag"));
    }

    @Test
    void everyStepMovesIt() throws IOException {
        String layer = client.layer("");
        client.train(layer, X);
        client.train(layer, X);
        Answer health = client.get(layer + "/health").expect(200);
        assertThat(health.field("num_batches_tracked").intValue()).isEqualTo(2);
        assertThat(health.field("update_weight_sum").doubleValue())
                .isEqualTo(1 - 0.9 * 0.9, within(1e-15));
        assertThat(health.field("initial_value_share").doubleValue())
                .isEqualTo(0.9 * 0.9, within(1e-15));
        JsonNode smallest = health.field("smallest_variance");
        assertThat(smallest.get("value").doubleValue())
                .isEqualTo(client.get(layer).numbers("running_var")[0]);
        JsonNode drift = health.field("drift");
        assertThat(drift.get("batches").intValue()).isEqualTo(2);
        // The first batch: (3 - 0.3, 4 - 0.4) / sqrt(1.3), averaged.
        assertThat(drift.get("largest").doubleValue())
                .isEqualTo((2.7 + 3.6) / 2 / Math.sqrt(1.3), within(1e-14));
        assertThat(drift.get("last").doubleValue()).isLessThan(drift.get("largest").doubleValue());
    }

    @Test
    void onlyTheLastBatchesDrift() throws IOException {
        String layer = client.layer("");
        client.train(layer, "[[100,100],[300,300]]");
        for (int i = 0; i < 16; i++) {
            client.train(layer, "[[20,20],[20.5,20.5]]");
        }
        JsonNode drift = client.get(layer + "/health").field("drift");
        assertThat(drift.get("batches").intValue()).isEqualTo(16);
        assertThat(drift.get("largest").doubleValue()).isLessThan(0.1); // the first drifted by 4
    }

    /// The teaching text's moving variance, which starts at 0 with decay 0.999.
    @Test
    void aVarianceThatStartedAt0IsWarnedOf() throws IOException {
        String layer = client.layer("\"convention\": \"tensorflow-1\"");
        client.train(layer, X);
        String warnings = client.get(layer + "/health").field("warnings").toString();
        assertThat(warnings).contains("0.100 %", "amplifies by up to 31.6");
    }

    @Test
    void aRemadeLayerDoesNotInheritTheDriftOfTheOldOne() throws IOException {
        String layer = client.layer("");
        client.train(layer, X);
        client.delete(layer).expect(204);
        String name = layer.substring(layer.lastIndexOf('/') + 1);
        client.post("/layers", "{\"name\": \"" + name + "\"}").expect(201);
        assertThat(client.get(layer + "/health").field("drift").isNull()).isTrue();
    }

    @Test
    void aResetForgetsTheDriftOfBefore() throws IOException {
        String layer = client.layer("");
        client.train(layer, "[[100,100],[300,300]]");
        client.post(layer + "/reset", "").expect(200);
        assertThat(client.get(layer + "/health").field("drift").isNull()).isTrue();
        client.train(layer, "[[0,0],[0.5,0.5]]");
        JsonNode drift = client.get(layer + "/health").field("drift");
        assertThat(drift.get("batches").intValue()).isEqualTo(1);
        assertThat(drift.get("largest").doubleValue()).isLessThan(1);
    }

    @Test
    void aLayerWithFrozenStatisticsKeepsItsDrift() throws IOException {
        String layer = client.layer("\"features\": 2, \"freeze_statistics\": true");
        client.train(layer, X);
        Answer health = client.get(layer + "/health").expect(200);
        assertThat(health.field("num_batches_tracked").intValue()).isZero();
        assertThat(health.field("drift").get("batches").intValue()).isEqualTo(1);
    }

    /// A pixel that never changes: its running variance decays from 1, and its gradient is
    /// multiplied by 1/√ε = 316.
    @Test
    void aChannelThatNeverChangedIsWarnedOf() throws IOException {
        String layer = client.layer("");
        for (int i = 0; i < 100; i++) {
            client.train(layer, "[[0,1],[0,4],[0,2]]");
        }
        Answer health = client.get(layer + "/health").expect(200);
        assertThat(health.json().at("/smallest_variance/value").doubleValue())
                .isEqualTo(Math.pow(0.9, 100), within(1e-18));
        assertThat(health.field("warnings").values())
                .singleElement()
                .satisfies(warning ->
                        assertThat(warning.stringValue())
                                .contains("in channel 0", "epsilon", "by up to 316"));
    }

    @Test
    void thereIsNoneOfALayerThatIsNot() throws IOException {
        assertThat(client.get("/layers/nobody/health").expect(404).slug())
                .isEqualTo("layer-not-found");
    }
}
