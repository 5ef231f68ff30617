package batchnorm.service.passes;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Runs the five-step story of `examples/clients` in every installed language.
@ExtendWith(ServiceUnderTest.Shared.class)
class ClientStoriesTest {
    private final Client client;

    ClientStoriesTest(Client client) {
        this.client = client;
    }

    @Test
    void isTheSameInEveryLanguage() throws IOException, InterruptedException {
        ProcessBuilder command =
                new ProcessBuilder("examples/clients/check", client.root().toString())
                        .redirectErrorStream(true);
        command.environment()
                .merge(
                        "PATH",
                        System.getProperty("java.home") + "/bin",
                        (path, java) -> java + File.pathSeparator + path);
        Process check = command.start();
        String printed = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(check.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(check.exitValue()).as(printed).isZero();
        assertThat(printed).contains("Java: as expected", "0 failed");
    }
}
