package batchnorm.storage;

import batchnorm.layer.LayerName;
import batchnorm.layer.LayerStore.Transactions;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A thread that commits the works of other threads. While it flushes one batch, the next one
/// gathers, so batches grow with the load and no timer delays a work.
///
/// Uses a platform thread: native calls and disk waits would pin the carrier of a virtual thread.
final class CommitThread implements AutoCloseable {
    /// The wait for the next works of the same clients is at most the last commit's duration
    /// divided by this.
    private static final int WAIT_DIVISOR = 4;

    private final WriteLimits limits;
    private final WorkQueue queue;
    private final GroupCommit batch;
    private final Thread thread;
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
        int completed = 0;
        Duration wait = Duration.ZERO;
        try {
            while (true) {
                List<CommitTask<?>> taken = queue.take(completed, wait);
                if (taken.isEmpty()) {
                    return;
                }
                long begun = System.nanoTime();
                batch.run(taken.stream().filter(CommitTask::claim).toList());
                wait = Duration.ofNanos((System.nanoTime() - begun) / WAIT_DIVISOR);
                completed = taken.size();
                changes.add(completed);
            }
        } catch (InterruptedException impossible) {
            throw new IllegalStateException("a committer is never interrupted", impossible);
        }
    }

    /// Returns the number of works that wait.
    int waiting() {
        return queue.size();
    }

    /// Returns the number of works that were run.
    long changes() {
        return changes.sum();
    }

    /// Finishes accepted works, within the deadline.
    @Override
    public void close() {
        queue.close();
        try {
            thread.join(limits.deadline());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// Returns whether all accepted works are completed and no session is in use.
    boolean isDone() {
        return !thread.isAlive();
    }
}
