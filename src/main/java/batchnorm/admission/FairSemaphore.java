package batchnorm.admission;

import batchnorm.layer.Overloaded;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// A number of places that requests wait for, first come, first served.
final class FairSemaphore {
    private final int number;
    private final int maxWaiting;
    private final String full;
    private final Free free;

    /// How long whoever got a place last had to wait for it, in nanoseconds.
    private volatile long lastWait;

    /// When somebody who had waited last went behind the others.
    private volatile long turn = System.nanoTime();

    /// @param maxWaiting requests; one more is refused
    /// @param full what is told to who is refused
    FairSemaphore(int number, int maxWaiting, String full) {
        this.number = number;
        this.maxWaiting = maxWaiting;
        this.full = full;
        this.free = new Free(number);
    }

    /// Takes places, and waits for them if need be.
    ///
    /// @param wanted not more than there are at all
    /// @param patience nanoseconds
    /// @return what is left of the patience
    /// @throws Overloaded when too many wait already, or the patience has ended
    long take(int wanted, long patience) {
        if (!free.hasQueuedThreads() && free.tryAcquire(wanted)) {
            if (lastWait != 0) {
                lastWait = 0;
            }
            return patience;
        }
        long start = System.nanoTime();
        try {
            if (free.getQueueLength() < maxWaiting
                    && free.tryAcquire(wanted, patience, TimeUnit.NANOSECONDS)) {
                goBehind();
                lastWait = System.nanoTime() - start;
                return Math.max(0, patience - lastWait);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw overloaded();
    }

    /// Now and then lets all go first who want to run. Who leaves wakes the next on its own thread
    /// of the system, before those that something outside has woken, as a connection has the
    /// requests that come: they would be heard when the queue is empty. Who parks for a moment is
    /// woken from outside, and comes after them.
    private void goBehind() {
        long now = System.nanoTime();
        if (now - turn > RequestExecutor.TURN) {
            turn = now;
            LockSupport.parkNanos(1);
        }
    }

    /// Takes a place back that was given up for a while, free or not: for as long as there are too
    /// many, nobody else gets one.
    void takeBack() {
        free.reducePermits(1);
    }

    void giveUp(int held) {
        free.release(held);
    }

    int taken() {
        return number - free.availablePermits();
    }

    int waiting() {
        return free.getQueueLength();
    }

    /// The queue is likely to take as long again as it just took. Who was refused together should
    /// not come back together.
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
