package batchnorm.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class RejectionSummaryTest {
    @Test
    void aFloodIsOneLineForEachInterval(CapturedOutput output) throws InterruptedException {
        RejectionSummary summary = new RejectionSummary(Duration.ofMillis(300));
        for (int i = 0; i < 500; i++) {
            summary.rejected();
        }
        await(output, "500 requests with invalid credentials");
        summary.rejected();
        await(output, " 1 requests with invalid credentials");
        assertThat(output.toString().lines().filter(line -> line.contains("credentials")))
                .hasSize(2);
    }

    private static void await(CapturedOutput output, String words) throws InterruptedException {
        Instant giveUp = Instant.now().plusSeconds(10);
        while (!output.toString().contains(words) && Instant.now().isBefore(giveUp)) {
            Thread.sleep(20);
        }
        assertThat(output).contains(words);
    }
}
