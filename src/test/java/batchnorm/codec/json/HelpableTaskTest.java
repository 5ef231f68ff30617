package batchnorm.codec.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class HelpableTaskTest {
    private final AtomicInteger done = new AtomicInteger();

    private final HelpableTask task =
            new HelpableTask() {
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
    void reportsAFailureToItsCaller() {
        IllegalArgumentException reason = new IllegalArgumentException("broken");
        HelpableTask failing =
                new HelpableTask() {
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

    /// A helper runs the first task. It waits for the second. With a single helper, only the caller
    /// can run the second.
    @Test
    @Timeout(30)
    void isWaitedForWithOthersThatFollow() {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch followed = new CountDownLatch(1);
        HelpableTask first =
                new HelpableTask() {
                    @Override
                    void work() {
                        begun.countDown();
                        await(followed);
                    }
                };
        HelpableTask second =
                new HelpableTask() {
                    @Override
                    void work() {
                        followed.countDown();
                    }
                };
        HelpableTask[] ring = {second, first};
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

    private static void finish(HelpableTask task) {
        task.finish(new HelpableTask[] {task}, 0, 1);
    }

    @Test
    void hasCompanyForEveryCore() {
        assertThat(HelpableTask.count()).isEqualTo(2 + 2 * ForkJoinPool.getCommonPoolParallelism());
    }
}
