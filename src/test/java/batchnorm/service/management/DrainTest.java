package batchnorm.service.management;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import batchnorm.service.Answer;
import batchnorm.service.Client;
import batchnorm.service.ServiceProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tests what clients see between `SIGTERM` and the end of the process.
@Tag("slow")
class DrainTest {
    private static final String READINESS = "//actuator/health/readiness";

    @Test
    void requestsAreServedWhileReadinessIsOffAndThenTheListenerCloses(@TempDir Path directory)
            throws Exception {
        Path log = directory.resolve("service.log");
        try (ServiceProcess service =
                new ServiceProcess(
                        log,
                        Map.of(
                                "BATCHNORM_DATA_DIR",
                                directory.resolve("layers").toString(),
                                "BATCHNORM_DRAIN",
                                "3s"))) {
            service.awaitReady();
            Client client = service.client();
            String layer = client.layer("\"features\": 2");
            assertThat(client.get(READINESS).expect(200).header("Connection")).isEmpty();
            Instant begun = Instant.now();
            service.terminate();
            awaitNotReady(client);
            int served = 0;
            while (Instant.now().isBefore(begun.plusMillis(2500))) {
                Answer step = client.train(layer, "[[1,2],[3,5]]");
                assertThat(step.header("Connection")).isEqualTo("close");
                served++;
            }
            assertThat(served).isGreaterThan(10);
            service.awaitExit();
            assertThat(Duration.between(begun, Instant.now())).isGreaterThan(Duration.ofSeconds(3));
            assertThatThrownBy(() -> client.get(READINESS)).isInstanceOf(IOException.class);
            assertThat(Files.readString(log))
                    .containsPattern("INFO .*stopping: .*served for another 3.0 s")
                    .containsPattern("INFO .*stopped after 3\\.\\d s");
        }
    }

    /// Readiness is off immediately; the signal is delivered asynchronously.
    private static void awaitNotReady(Client client) throws Exception {
        Instant giveUp = Instant.now().plusSeconds(2);
        while (client.get(READINESS).status() == 200 && Instant.now().isBefore(giveUp)) {
            Thread.sleep(10);
        }
        client.get(READINESS).expect(503);
    }
}
