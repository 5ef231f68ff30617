package batchnorm.storage;

import batchnorm.layer.LayerName;
import batchnorm.layer.LayerStore.Transactions;
import batchnorm.layer.StoreActivity;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// One thread that commits what others hand in. While one batch is being flushed the next one
/// gathers, so a batch is as large as the load is heavy, and nobody waits for a timer.
///
/// A platform thread: it spends its life in native calls and disk waits, which would pin a virtual
/// thread's carrier.
final class CommitThread implements AutoCloseable {
    /// How much shorter than the last commit the wait for its clients' next works is, at most.
    private static final int PATIENCE = 4;

    private final WriteLimits limits;
    private final WorkQueue queue;
    private final GroupCommit batch;
    private final Thread thread;
    private final LongAdder commits = new LongAdder();
    private final LongAdder changes = new LongAdder();

    CommitThread(String name, WriteLimits limits, GroupCommit batch) {
        this.limits = limits;
        this.queue = new WorkQueue(limits);
        this.batch = batch;
        this.thread = Thread.ofPlatform().name(name).daemon().start(this::commitUntilClosed);
    }

    /// As [batchnorm.layer.LayerStore#writeAll].
    <T extends @Nullable Object> T write(Set<LayerName> names, Function<Transactions, T> work) {
        CommitTask<T> submission = new CommitTask<>(names, work);
        queue.add(submission);
        return submission.await(limits.deadline());
    }

    private void commitUntilClosed() {
        int answered = 0;
        Duration patience = Duration.ZERO;
        try {
            while (true) {
                List<CommitTask<?>> taken = queue.take(answered, patience);
                if (taken.isEmpty()) {
                    return;
                }
                long begun = System.nanoTime();
                batch.run(taken.stream().filter(CommitTask::claim).toList());
                patience = Duration.ofNanos((System.nanoTime() - begun) / PATIENCE);
                answered = taken.size();
                commits.increment();
                changes.add(answered);
            }
        } catch (InterruptedException impossible) {
            throw new IllegalStateException("nobody interrupts a committer", impossible);
        }
    }

    StoreActivity activity() {
        return new StoreActivity(queue.size(), commits.sum(), changes.sum());
    }

    /// Finishes what was accepted, within the deadline.
    @Override
    public void close() {
        queue.close();
        try {
            thread.join(limits.deadline());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// Whether all that was accepted is answered and no session is in use.
    boolean isDone() {
        return !thread.isAlive();
    }
}
