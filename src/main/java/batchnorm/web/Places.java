package batchnorm.web;

import batchnorm.layer.Overloaded;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/// A number of places that requests wait for, first come, first served.
final class Places {
    private final int number;
    private final int maxWaiting;
    private final String full;
    private final Free free;

    /// How long whoever got a place last had to wait for it, in nanoseconds.
    private volatile long lastWait;

    /// @param maxWaiting requests; one more is refused
    /// @param full what is told to who is refused
    Places(int number, int maxWaiting, String full) {
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
                lastWait = System.nanoTime() - start;
                return Math.max(0, patience - lastWait);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw overloaded();
    }

    /// Takes more for who has some already. Does not wait: everybody who holds something and waits
    /// for more could wait for ever.
    ///
    /// @throws Overloaded when there are not so many
    void add(int wanted) {
        if (!free.tryAcquire(wanted)) {
            throw overloaded();
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
