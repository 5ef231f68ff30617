package batchnorm.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PrimaryCheckTest {
    @Test
    void isTheResultOfTheQuery() {
        assertThat(new PrimaryCheck(() -> true).passes()).isTrue();
        assertThat(new PrimaryCheck(() -> false).passes()).isFalse();
        assertThat(
                        new PrimaryCheck(
                                        () -> {
                                            throw new IllegalStateException("no connection");
                                        })
                                .passes())
                .isFalse();
    }

    @Test
    void sharesOneQueryOfASilentServer() {
        CountDownLatch answers = new CountDownLatch(1);
        AtomicInteger queries = new AtomicInteger();
        PrimaryCheck check =
                new PrimaryCheck(() -> {
                    queries.incrementAndGet();
                    try {
                        answers.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    return true;
                });
        assertThat(check.passes()).isFalse();
        assertThat(check.passes()).isFalse();
        assertThat(queries).hasValue(1);
        answers.countDown();
        assertThat(check.passes()).isTrue();
    }
}
