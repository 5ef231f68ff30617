package batchnorm.service.passes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Runs `examples/population_statistics.py`, which verifies itself against exact sums, if Python is
/// installed.
@ExtendWith(ServiceUnderTest.Shared.class)
class PopulationStatisticsTest {
    private final Client client;

    PopulationStatisticsTest(Client client) {
        this.client = client;
    }

    @Test
    void ofEveryShardBySqlAreThoseOfTheWholeDataSet() throws IOException, InterruptedException {
        assumeTrue(
                Arrays.stream(System.getenv("PATH").split(":"))
                        .anyMatch(folder -> Files.isExecutable(Path.of(folder, "python3"))));
        Process example =
                new ProcessBuilder(
                                "python3",
                                "examples/population_statistics.py",
                                client.root().toString())
                        .redirectErrorStream(true)
                        .start();
        String printed =
                new String(example.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(example.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(example.exitValue()).as(printed).isZero();
        assertThat(printed).contains("569 rows of 30 features in 7 shards", "variance 1 within");
    }
}
