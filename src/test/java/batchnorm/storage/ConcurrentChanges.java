package batchnorm.storage;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.layer.LayerName;
import batchnorm.layer.LayerStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/// Changes of one layer that are committed in one transaction, because they wait together while
/// another change blocks the committer.
record ConcurrentChanges(LayerStore store, LayerName name) {
    private static final long MAX_NANOS = Duration.ofSeconds(8).toNanos();

    /// Returns the completed futures of the changes, in order.
    List<Future<?>> run(List<Callable<?>> changes) throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch gathered = new CountDownLatch(1);
        List<Future<?>> answers = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> holder =
                    threads.submit(() -> store.write(name, _ -> holdUp(begun, gathered)));
            assertThat(begun.await(8, TimeUnit.SECONDS)).isTrue();
            for (Callable<?> change : changes) {
                answers.add(threads.submit(change));
                awaitWaiting(answers.size());
            }
            gathered.countDown();
            holder.get(8, TimeUnit.SECONDS);
        }
        return answers;
    }

    private static boolean holdUp(CountDownLatch begun, CountDownLatch gathered) {
        begun.countDown();
        try {
            return gathered.await(8, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void awaitWaiting(int number) throws InterruptedException {
        long start = System.nanoTime();
        while (store.activity().waiting() < number) {
            assertThat(System.nanoTime() - start).isLessThan(MAX_NANOS);
            Thread.sleep(1);
        }
    }
}
