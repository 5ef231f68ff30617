package batchnorm.service.faults;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Client;
import batchnorm.service.ServiceProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tests that a process whose store has stopped ends, so that a restart policy applies.
@Tag("slow")
@Tag("fault")
class StoppedStoreTest {
    @Test
    void theProcessExitsAndItsNextStartAcceptsChanges(@TempDir Path directory) throws Exception {
        Path log = directory.resolve("service.log");
        Path data = directory.resolve("layers");
        try (ServiceProcess service =
                new ServiceProcess(
                        log,
                        Map.of(
                                "BATCHNORM_DATA_DIR", data.toString(),
                                "BATCHNORM_EXIT_WHEN_STOPPED", "1s",
                                "BATCHNORM_DRAIN", "0"))) {
            service.awaitReady();
            Client client = service.client();
            String layer = client.layer("\"features\": 2");
            Faults.failEveryCommit(data.resolve("batchnorm.db"));
            client.post(layer + "/forward-train", "{\"input\": [[1,2],[3,5]]}")
                    .expectProblem(503, "commit-outcome-unknown");
            assertThat(service.awaitExit()).isEqualTo(70);
            assertThat(Files.readString(log))
                    .containsPattern(OperationsPage.row("store-stopped").line())
                    .containsPattern(OperationsPage.row("exit").line())
                    .containsPattern(OperationsPage.row("stopping").line())
                    .containsPattern(OperationsPage.row("stopped").line())
                    .doesNotContain("\tat ");
            Faults.removeTrigger(data.resolve("batchnorm.db"));
            service.startAgain();
            service.awaitReady();
            client.train(layer, "[[1,2],[3,5]]");
        }
    }
}
