package batchnorm.web.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class SheddingTest {
    @Test
    void manyRejectionsAreTwoLinesAndTheNextOverloadIsAnother(CapturedOutput output)
            throws InterruptedException {
        Shedding shedding = new Shedding(Duration.ofSeconds(2));
        for (int i = 0; i < 1000; i++) {
            shedding.rejected("the queue is full");
        }
        assertThat(lines(output, "requests are rejected with 503: the queue is full")).isEqualTo(1);
        assertThat(lines(output, "the overload has ended")).isZero();
        await(output, "the overload has ended: 1000 requests were rejected within", 1);
        shedding.rejected("the queue is full");
        await(output, "the overload has ended: 1 requests were rejected within 0.0 s", 1);
        assertThat(lines(output, "requests are rejected with 503")).isEqualTo(2);
    }

    private static void await(CapturedOutput output, String words, long times)
            throws InterruptedException {
        Instant giveUp = Instant.now().plusSeconds(10);
        while (lines(output, words) < times && Instant.now().isBefore(giveUp)) {
            Thread.sleep(20);
        }
        assertThat(lines(output, words)).as(output.toString()).isEqualTo(times);
    }

    private static long lines(CapturedOutput output, String words) {
        return output.toString().lines().filter(line -> line.contains(words)).count();
    }
}
