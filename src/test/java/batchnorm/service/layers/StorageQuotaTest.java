package batchnorm.service.layers;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/// Tests the responses when a quota of bytes is reached.
class StorageQuotaTest {

    @Test
    void aSmallRequestForALargeLayerIsRefusedAndTrainingGoesOn() throws IOException {
        try (ServiceUnderTest service =
                new ServiceUnderTest(
                        "BATCHNORM_MAX_STORED_BYTES=1000000", "BATCHNORM_MAX_LAYER_BYTES=500000")) {
            Client client = service.client();
            String layer = client.layer("\"features\": 2");
            Answer refused =
                    client.post("/layers", "{\"name\": \"large\", \"features\": 4194304}")
                            .expectProblem(507, "storage-full");
            assertThat(refused.detail()).contains("BATCHNORM_MAX_", "nothing was changed");
            assertThat(
                            client.post("/layers", "{\"name\": \"share\", \"features\": 20000}")
                                    .expectProblem(507, "storage-full")
                                    .detail())
                    .contains("BATCHNORM_MAX_LAYER_BYTES", "\"share\"");
            client.post(
                            layer + "/forward-train",
                            "{\"input\": [[1, 2], [3, 4]]}",
                            "Idempotency-Key",
                            "key")
                    .expect(200);
            client.get("//actuator/health/readiness").expect(200);
            assertThat(client.get("//actuator/prometheus").expect(200).body())
                    .contains("batchnorm_stored_bytes 576.0", "batchnorm_keys_bytes 608.0");
        }
    }
}
