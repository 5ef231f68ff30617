package batchnorm.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

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
            finish(task);
            assertThat(done).hasValue(times);
        }
    }

    @Test
    void isNotDoneUnlessItIsOffered() {
        task.run();
        assertThat(done).hasValue(0);
        task.offer();
        finish(task);
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
        assertThatThrownBy(() -> finish(failing))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("a part of the work failed")
                .hasCause(reason);
    }

    /// A helper is at the first, which waits for the second; where there is but one helper, nobody
    /// else can do that.
    @Test
    @Timeout(30)
    void isWaitedForWithOthersThatFollow() {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch followed = new CountDownLatch(1);
        SharedTask first =
                new SharedTask() {
                    @Override
                    void work() {
                        begun.countDown();
                        await(followed);
                    }
                };
        SharedTask second =
                new SharedTask() {
                    @Override
                    void work() {
                        followed.countDown();
                    }
                };
        SharedTask[] ring = {second, first};
        first.offer();
        await(begun);
        second.offer();
        first.finish(ring, 1, 3);
        second.finish(ring, 2, 3);
        assertThat(followed.getCount()).isZero();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void finish(SharedTask task) {
        task.finish(new SharedTask[] {task}, 0, 1);
    }

    @Test
    void hasCompanyForEveryCore() {
        assertThat(SharedTask.count()).isEqualTo(2 + 2 * ForkJoinPool.getCommonPoolParallelism());
    }
}
