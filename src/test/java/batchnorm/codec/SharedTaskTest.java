package batchnorm.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SharedTaskTest {
    private final AtomicInteger done = new AtomicInteger();

    private final SharedTask task =
            new SharedTask() {
                @Override
                void work() {
                    done.incrementAndGet();
                }
            };

    @Test
    void isDoneOnceEachTimeItIsOffered() {
        for (int times = 1; times <= 1000; times++) {
            task.offer();
            task.finish();
            assertThat(done).hasValue(times);
        }
    }

    @Test
    void isNotDoneUnlessItIsOffered() {
        task.run();
        assertThat(done).hasValue(0);
        task.offer();
        task.finish();
        task.run();
        assertThat(done).hasValue(1);
    }

    @Test
    void tellsWhoNeedsItThatItFailed() {
        IllegalArgumentException reason = new IllegalArgumentException("broken");
        SharedTask failing =
                new SharedTask() {
                    @Override
                    void work() {
                        throw reason;
                    }
                };
        failing.offer();
        assertThatThrownBy(failing::finish)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("a part of the work failed")
                .hasCause(reason);
    }

    @Test
    void hasCompanyForEveryCore() {
        assertThat(SharedTask.count()).isEqualTo(2 + 2 * ForkJoinPool.getCommonPoolParallelism());
    }
}
