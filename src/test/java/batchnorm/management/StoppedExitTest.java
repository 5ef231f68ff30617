package batchnorm.management;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class StoppedExitTest {
    private final AtomicLong nanos = new AtomicLong();
    private final AtomicInteger exits = new AtomicInteger();

    @Test
    void theProcessExitsOnceTheStoreHasBeenStoppedForTheDelay() {
        StoppedExit exit = exitAfter(Duration.ofSeconds(3));
        exit.check(false);
        nanos.set(Duration.ofSeconds(100).toNanos());
        exit.check(true);
        nanos.addAndGet(Duration.ofSeconds(3).toNanos() - 1);
        exit.check(true);
        assertThat(exits).hasValue(0);
        nanos.incrementAndGet();
        exit.check(true);
        exit.check(true);
        assertThat(exits).hasValue(1);
    }

    @Test
    void zeroKeepsTheProcess() {
        StoppedExit exit = exitAfter(Duration.ZERO);
        exit.check(true);
        nanos.set(Long.MAX_VALUE);
        exit.check(true);
        assertThat(exits).hasValue(0);
    }

    private StoppedExit exitAfter(Duration delay) {
        return new StoppedExit(delay, nanos::get, exits::incrementAndGet);
    }
}
