package batchnorm.storage;

import batchnorm.layer.Overloaded;
import batchnorm.layer.StoreUnavailable;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// A bounded FIFO queue of works from many threads to one.
final class WorkQueue {
    private final WriteLimits limits;
    private final Queue<CommitTask<?>> waiting = new ArrayDeque<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition enough = lock.newCondition();
    private int threshold = 1;
    private boolean closed;

    WorkQueue(WriteLimits limits) {
        this.limits = limits;
    }

    /// @throws Overloaded when too many wait
    /// @throws StoreUnavailable when the queue is closed
    void add(CommitTask<?> submission) {
        lock.lock();
        try {
            if (closed) {
                throw new StoreUnavailable(
                        "the service is shutting down; nothing was changed", null);
            }
            if (waiting.size() >= limits.waiting()) {
                throw new Overloaded(
                        waiting.size()
                                + " changes wait to be committed already; nothing was changed, try again"
                                + " shortly");
            }
            waiting.add(submission);
            if (waiting.size() >= threshold) {
                enough.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /// Removes the waiting works that may be committed together. Waits without limit for the first,
    /// and only briefly for the expected number. Returns an empty list when closed and drained.
    List<CommitTask<?>> take(int expected, Duration wait) throws InterruptedException {
        lock.lock();
        try {
            awaitAtLeast(Math.min(expected, limits.together()), wait.toNanos());
            awaitAtLeast(1, Long.MAX_VALUE);
            List<CommitTask<?>> taken = new ArrayList<>();
            while (!waiting.isEmpty() && taken.size() < limits.together()) {
                taken.add(waiting.remove());
            }
            return taken;
        } finally {
            lock.unlock();
        }
    }

    private void awaitAtLeast(int number, long nanoseconds) throws InterruptedException {
        threshold = number;
        for (long left = nanoseconds; waiting.size() < number && !closed && left > 0; ) {
            left = enough.awaitNanos(left);
        }
    }

    int size() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    /// Rejects further works; accepted ones are still committed.
    void close() {
        lock.lock();
        try {
            closed = true;
            enough.signal();
        } finally {
            lock.unlock();
        }
    }
}
