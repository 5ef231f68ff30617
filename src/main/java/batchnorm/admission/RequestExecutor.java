package batchnorm.admission;

import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// Runs each request on a virtual thread and counts the requests that have not started.
public final class RequestExecutor implements Executor {
    /// Nanoseconds for which threads may wake each other without parking. Threads that I/O has
    /// woken do not run meanwhile.
    static final long YIELD_INTERVAL = TimeUnit.MILLISECONDS.toNanos(5);

    /// Bounds the yields before a request computes. Without a bound, a flood of new requests would
    /// prevent all computation.
    private static final int MAX_YIELDS = 8;

    private final ThreadFactory threads = Thread.ofVirtual().name("request-", 0).factory();
    private final AtomicInteger unstarted = new AtomicInteger();

    @Override
    public void execute(Runnable request) {
        unstarted.incrementAndGet();
        threads.newThread(
                        () -> {
                            unstarted.decrementAndGet();
                            request.run();
                        })
                .start();
    }

    /// Yields while many new requests wait to start. Virtual threads are not preempted: without
    /// yielding, new requests would start only after the current ones end. They would queue where
    /// no limit applies and never be rejected. A started request acquires a permit, waits for one,
    /// or is rejected.
    ///
    /// @param few requests that may remain unstarted; they start soon anyway, and a yield costs a
    ///   small request a fifth of its time
    @SuppressWarnings("ThreadPriorityCheck") // yielding is only a hint to the scheduler
    void yieldToNew(int few) {
        for (int i = 0; i < MAX_YIELDS && unstarted.get() > few; i++) {
            Thread.yield();
        }
    }

    /// Returns the number of requests that have not started.
    int unstarted() {
        return unstarted.get();
    }
}
