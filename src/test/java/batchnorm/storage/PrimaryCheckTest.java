package batchnorm.storage;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.layer.StoreState;
import batchnorm.layer.StoreState.Kind;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PrimaryCheckTest {
    @Test
    void isTheResultOfTheQuery() {
        StoreState standby = new StoreState(Kind.READ_ONLY, "a standby");
        assertThat(new PrimaryCheck(() -> StoreState.READY).state()).isEqualTo(StoreState.READY);
        assertThat(new PrimaryCheck(() -> standby).state()).isEqualTo(standby);
        StoreState failed =
                new PrimaryCheck(
                                () -> {
                                    throw new IllegalStateException("no connection");
                                })
                        .state();
        assertThat(failed.kind()).isEqualTo(Kind.UNAVAILABLE);
        assertThat(failed.reason()).contains("no connection");
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
                    return StoreState.READY;
                });
        assertThat(check.state().kind()).isEqualTo(Kind.UNAVAILABLE);
        assertThat(check.state().reason()).contains("within 1 s");
        assertThat(queries).hasValue(1);
        answers.countDown();
        assertThat(check.state()).isEqualTo(StoreState.READY);
    }
}
