package batchnorm.admission;

import batchnorm.layer.Overloaded;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// A bounded first-in, first-out semaphore.
final class FairSemaphore {
    private final int number;
    private final int maxWaiting;
    private final String full;
    private final Free free;

    /// Nanoseconds that the latest successful acquisition waited.
    private volatile long lastWait;

    /// When a thread that had waited last yielded to woken threads.
    private volatile long lastYield = System.nanoTime();

    /// @param maxWaiting requests that may wait; one more is rejected
    /// @param full the message of a rejection
    FairSemaphore(int number, int maxWaiting, String full) {
        this.number = number;
        this.maxWaiting = maxWaiting;
        this.full = full;
        this.free = new Free(number);
    }

    /// Acquires permits, waiting if necessary.
    ///
    /// @param permits not more than the total
    /// @param timeout nanoseconds
    /// @return what is left of the timeout
    /// @throws Overloaded if the queue is full or the timeout has elapsed
    long acquire(int permits, long timeout) {
        if (!free.hasQueuedThreads() && free.tryAcquire(permits)) {
            if (lastWait != 0) {
                lastWait = 0;
            }
            return timeout;
        }
        long start = System.nanoTime();
        try {
            if (free.getQueueLength() < maxWaiting
                    && free.tryAcquire(permits, timeout, TimeUnit.NANOSECONDS)) {
                yieldToWoken();
                lastWait = System.nanoTime() - start;
                return Math.max(0, timeout - lastWait);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw overloaded();
    }

    /// Periodically parks, so that newly arrived requests can start. A release wakes the next
    /// waiter before threads that I/O has woken, such as new connections and requests. These would
    /// start only when the queue is empty. The timer wakes a parked thread after them.
    private void yieldToWoken() {
        long now = System.nanoTime();
        if (now - lastYield > RequestExecutor.YIELD_INTERVAL) {
            lastYield = now;
            LockSupport.parkNanos(1);
        }
    }

    /// Reacquires a permit without waiting. While permits are overdrawn, no other thread acquires
    /// one.
    void reacquire() {
        free.reducePermits(1);
    }

    void release(int permits) {
        free.release(permits);
    }

    int acquired() {
        return number - free.availablePermits();
    }

    int waiting() {
        return free.getQueueLength();
    }

    /// Suggests a delay of one to two times the latest wait. The random spread keeps rejected
    /// requests from retrying together.
    private Overloaded overloaded() {
        double spread = 1 + ThreadLocalRandom.current().nextDouble();
        return new Overloaded(full, Duration.ofNanos((long) (spread * (double) lastWait)));
    }

    private static final class Free extends Semaphore {
        private static final long serialVersionUID = 1;

        private Free(int number) {
            super(number, true);
        }

        @Override
        protected void reducePermits(int reduction) {
            super.reducePermits(reduction);
        }
    }
}
