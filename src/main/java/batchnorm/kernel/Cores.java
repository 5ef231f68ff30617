package batchnorm.kernel;

import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/// The cores that share the parts of one large computation.
///
/// The caller always works itself, and is joined by helpers while cores are idle: all computations
/// of the process together have at most as many threads as there are processors, beyond the callers
/// themselves. Nobody queues: where no helper is free, the caller does every part. A helper that
/// comes late finds nothing left, and is not waited for.
final class Cores {
    private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

    /// Callers and helpers at work.
    private static final AtomicInteger WORKING = new AtomicInteger();

    /// The handover queue holds nothing: a helper takes the job at once, or the rejected job is
    /// dropped, which leaves it to its caller.
    private static final ThreadPoolExecutor HELPERS =
            new ThreadPoolExecutor(
                    0,
                    Math.max(1, PROCESSORS - 1),
                    1,
                    TimeUnit.MINUTES,
                    new SynchronousQueue<>(),
                    Thread.ofPlatform().daemon().name("kernel-", 0).factory(),
                    new ThreadPoolExecutor.DiscardPolicy());

    /// The caller alone.
    static final Cores CALLER = new Cores(1);

    private final int threads;

    Cores(int threads) {
        this.threads = threads;
    }

    /// Runs `part` for each of `0 … parts-1`, in no particular order.
    ///
    /// @return whether every part returned true
    boolean all(int parts, IntPredicate part) {
        if (parts <= 1 || threads <= 1) {
            return alone(parts, part);
        }
        Job job = new Job(parts, part);
        WORKING.incrementAndGet();
        try {
            for (int helper = 1; helper < Math.min(threads, parts); helper++) {
                HELPERS.execute(job::help);
            }
            job.work();
        } finally {
            WORKING.decrementAndGet();
        }
        return job.await();
    }

    private static boolean alone(int parts, IntPredicate part) {
        boolean agreed = true;
        for (int index = 0; index < parts; index++) {
            agreed &= part.test(index);
        }
        return agreed;
    }

    /// The parts of one computation, taken one by one by whoever is free.
    private static final class Job {
        private final int parts;
        private final IntPredicate part;
        private final Thread caller = Thread.currentThread();
        private final AtomicInteger taken = new AtomicInteger();
        private final AtomicInteger left;
        private volatile boolean agreed = true;
        private volatile @Nullable Throwable failure;

        Job(int parts, IntPredicate part) {
            this.parts = parts;
            this.part = part;
            this.left = new AtomicInteger(parts);
        }

        /// Works while there is a processor for it.
        void help() {
            if (WORKING.incrementAndGet() <= PROCESSORS) {
                work();
            }
            WORKING.decrementAndGet();
        }

        void work() {
            for (int index = taken.getAndIncrement();
                    index < parts;
                    index = taken.getAndIncrement()) {
                try {
                    if (!part.test(index)) {
                        agreed = false;
                    }
                } catch (Throwable thrown) {
                    failure = thrown;
                } finally {
                    if (left.decrementAndGet() == 0) {
                        LockSupport.unpark(caller);
                    }
                }
            }
        }

        /// Waits for the parts that helpers still work on.
        boolean await() {
            while (left.get() > 0) {
                LockSupport.park(this);
            }
            if (failure != null) {
                throw new IllegalStateException("a part of the computation failed", failure);
            }
            return agreed;
        }
    }
}
