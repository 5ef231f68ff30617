package batchnorm.web;

import batchnorm.layer.Overloaded;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// Bodies that are read at the same time, bounded by their bytes. A request waits for its turn
/// before a byte of its body is read, first come, first served; so memory holds what is being
/// worked on, and the rest waits in the network.
final class Admission {
    /// What permits count: a body takes one at least.
    static final int UNIT = 1024;

    private final RequestLimits limits;
    private final int permits;
    private final Semaphore free;

    Admission(RequestLimits limits) {
        this.limits = limits;
        this.permits = Math.clamp(limits.inFlightBudget() / UNIT, 1, Integer.MAX_VALUE);
        this.free = new Semaphore(permits, true);
    }

    /// Waits until there is room.
    ///
    /// @param announced bytes; negative where the body comes in chunks, and is counted as it comes
    /// @throws Overloaded when too many wait already, or the wait takes too long
    Reservation admit(long announced) {
        int wanted = permits(Math.max(announced, UNIT));
        if (free.hasQueuedThreads() || !free.tryAcquire(wanted)) {
            await(wanted);
        }
        return new Reservation(wanted);
    }

    private void await(int wanted) {
        try {
            if (free.getQueueLength() < limits.maxWaiting()
                    && free.tryAcquire(
                            wanted, limits.admissionTimeout().toNanos(), TimeUnit.NANOSECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw overloaded();
    }

    private static Overloaded overloaded() {
        return new Overloaded(
                "bodies of other requests fill the memory that is meant for them; nothing was changed");
    }

    /// A body beyond the whole budget takes all of it, and is alone for a while.
    private int permits(long bytes) {
        return (int) Math.min(permits, (bytes + UNIT - 1) / UNIT);
    }

    /// Bytes of the bodies that are in work.
    long inFlightBytes() {
        return (long) (permits - free.availablePermits()) * UNIT;
    }

    /// Requests that wait for their turn.
    int waiting() {
        return free.getQueueLength();
    }

    /// What one request holds until it is answered.
    final class Reservation implements AutoCloseable {
        private int held;

        private Reservation(int held) {
            this.held = held;
        }

        /// Takes more as a body in chunks grows. Does not wait: everybody who holds something and
        /// waits for more could wait for ever.
        ///
        /// @throws Overloaded when there is no room
        void cover(long bytes) {
            int wanted = permits(bytes) - held;
            if (wanted <= 0) {
                return;
            }
            if (!free.tryAcquire(wanted)) {
                throw overloaded();
            }
            held += wanted;
        }

        @Override
        public void close() {
            free.release(held);
            held = 0;
        }
    }
}
