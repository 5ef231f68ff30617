package batchnorm.kernel;

import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/// The cores that share the parts of one large computation.
///
/// The caller always works itself, and is joined by helpers while cores are idle: all computations
/// of the process together have at most as many threads as there are processors, beyond the callers
/// themselves. Nobody queues: where no helper is free, the caller does every part. A helper that
/// comes late finds nothing left, and is not waited for.
///
/// To wake a thread takes longer than many a pass, and one pass follows the other: so a helper that
/// is done stays awake for a moment, and finds the next job by itself.
///
/// Each thread begins with a share of its own, adjacent parts, and then takes what the others have
/// not got to: so the second pass over an array finds in a core's cache what the first left there.
final class WorkerPool {
    private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

    /// Nanoseconds for which who has nothing to do stays awake: as long as a part of a computation
    /// takes, or what a caller does by itself between two of them.
    private static final long AWAKE = 30_000;

    /// Callers and helpers at work.
    private static final AtomicInteger WORKING = new AtomicInteger();

    /// Helpers that look for a job.
    private static final AtomicInteger LOOKING = new AtomicInteger();

    /// What they find: the job that was begun last.
    private static final AtomicReference<@Nullable Job> LAST = new AtomicReference<>();

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
    static final WorkerPool CALLER = new WorkerPool(1);

    private final int threads;

    WorkerPool(int threads) {
        this.threads = threads;
    }

    /// Runs `part` for each of `0 … parts-1`, a thread's share in ascending order.
    ///
    /// @return whether every part returned true
    boolean all(int parts, IntPredicate part) {
        return all(parts, part, false);
    }

    /// Runs `part` for each of `0 … parts-1`, a thread's share from its end, which is what a pass
    /// before has left in its cache.
    ///
    /// @return whether every part returned true
    boolean allBackwards(int parts, IntPredicate part) {
        return all(parts, part, true);
    }

    private boolean all(int parts, IntPredicate part, boolean backwards) {
        int helpers = Math.min(threads, parts) - 1;
        if (helpers <= 0) {
            return alone(parts, part, backwards);
        }
        Job job = new Job(parts, part, backwards, helpers);
        WORKING.incrementAndGet();
        LAST.set(job);
        try {
            for (int asleep = helpers - LOOKING.get(); asleep > 0; asleep--) {
                HELPERS.execute(() -> help(job));
            }
            job.work(0);
        } finally {
            LAST.compareAndSet(job, null);
            WORKING.decrementAndGet();
        }
        return job.await();
    }

    private static boolean alone(int parts, IntPredicate part, boolean backwards) {
        boolean agreed = true;
        for (int done = 0; done < parts; done++) {
            agreed &= part.test(backwards ? parts - 1 - done : done);
        }
        return agreed;
    }

    /// Helps with a job, and with those that follow at once.
    private static void help(Job first) {
        for (Job job = first; job != null; job = next()) {
            job.help();
        }
    }

    /// Looks for a job for a moment. Whoever begins one meanwhile wakes nobody, hence the last
    /// look.
    private static @Nullable Job next() {
        LOOKING.incrementAndGet();
        long start = System.nanoTime();
        Job job = open();
        while (job == null && System.nanoTime() - start < AWAKE) {
            Thread.onSpinWait();
            job = open();
        }
        LOOKING.decrementAndGet();
        return job == null ? open() : job;
    }

    private static @Nullable Job open() {
        Job last = LAST.get();
        return last != null && last.isOpen() ? last : null;
    }

    /// The parts of one computation, taken one by one by whoever is free.
    private static final class Job {
        private final int parts;
        private final IntPredicate part;
        private final boolean backwards;
        private final Thread caller = Thread.currentThread();

        /// Parts taken of each share; the caller's is the first.
        private final AtomicIntegerArray taken;

        private final AtomicInteger left;

        /// Helpers that may still join.
        private final AtomicInteger wanted;

        private volatile boolean agreed = true;
        private volatile @Nullable Throwable failure;

        Job(int parts, IntPredicate part, boolean backwards, int helpers) {
            this.parts = parts;
            this.part = part;
            this.backwards = backwards;
            this.taken = new AtomicIntegerArray(helpers + 1);
            this.left = new AtomicInteger(parts);
            this.wanted = new AtomicInteger(helpers);
        }

        /// Whether there may be a part for one more helper.
        boolean isOpen() {
            return wanted.get() > 0 && left.get() > 0;
        }

        /// Works, if it is wanted, while there is a processor for it.
        void help() {
            int place = wanted.getAndDecrement();
            if (place > 0) {
                if (WORKING.incrementAndGet() <= PROCESSORS) {
                    work(place);
                }
                WORKING.decrementAndGet();
            }
        }

        /// Works through a share, then through what is left of the others.
        void work(int own) {
            int shares = taken.length();
            for (int turn = 0; turn < shares; turn++) {
                int share = (own + turn) % shares;
                int start = start(share);
                int end = start(share + 1);
                for (int done = taken.getAndIncrement(share);
                        done < end - start;
                        done = taken.getAndIncrement(share)) {
                    run(backwards ? end - 1 - done : start + done);
                }
            }
        }

        private int start(int share) {
            return (int) ((long) parts * share / taken.length());
        }

        private void run(int index) {
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

        /// Waits for the parts that helpers still work on.
        boolean await() {
            long start = System.nanoTime();
            while (left.get() > 0) {
                if (System.nanoTime() - start < AWAKE) {
                    Thread.onSpinWait();
                } else {
                    LockSupport.park(this);
                }
            }
            if (failure != null) {
                throw new IllegalStateException("a part of the computation failed", failure);
            }
            return agreed;
        }
    }
}
