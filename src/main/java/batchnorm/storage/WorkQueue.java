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

/// Works on their way from many threads to one, first come first served, within bounds.
final class WorkQueue {
    private final WriteLimits limits;
    private final Queue<CommitTask<?>> waiting = new ArrayDeque<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition enough = lock.newCondition();
    private int wanted = 1;
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
            if (waiting.size() >= wanted) {
                enough.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /// All that wait, as far as they may be committed together. Waits for the first as long as it
    /// takes, and for as many as are expected only with a little patience. Empty when closed and
    /// done.
    List<CommitTask<?>> take(int expected, Duration patience) throws InterruptedException {
        lock.lock();
        try {
            awaitAtLeast(Math.min(expected, limits.together()), patience.toNanos());
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
        wanted = number;
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

    /// Takes no more; what was taken will be served.
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
