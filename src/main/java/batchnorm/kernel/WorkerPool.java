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

/// The worker threads that share the parts of one large computation.
///
/// The caller always takes part, and idle helpers join it. All computations of the process together
/// use at most as many threads as there are processors, not counting the callers. Jobs are never
/// queued: without a free helper, the caller runs every part. A helper that arrives late finds no
/// parts left, and the caller does not wait for it.
///
/// Waking a thread takes longer than many passes, and passes follow each other. A helper therefore
/// spins for a moment after a job and finds the next one by itself.
///
/// Each thread starts with its own share of adjacent parts and then steals from the others. The
/// second pass over an array thus finds in a core's cache what the first left there.
final class WorkerPool {
    private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

    /// Nanoseconds for which an idle thread spins: the duration of a typical part, or of the
    /// caller's work between two jobs.
    private static final long AWAKE = 30_000;

    /// Callers and helpers that run parts.
    private static final AtomicInteger WORKING = new AtomicInteger();

    /// Helpers that spin for a job.
    private static final AtomicInteger LOOKING = new AtomicInteger();

    /// The most recent job, for spinning helpers.
    private static final AtomicReference<@Nullable Job> LAST = new AtomicReference<>();

    /// The handover queue has no capacity: a helper takes the job immediately, or the job is
    /// rejected and left to its caller.
    private static final ThreadPoolExecutor HELPERS =
            new ThreadPoolExecutor(
                    0,
                    Math.max(1, PROCESSORS - 1),
                    1,
                    TimeUnit.MINUTES,
                    new SynchronousQueue<>(),
                    Thread.ofPlatform().daemon().name("kernel-", 0).factory(),
                    new ThreadPoolExecutor.DiscardPolicy());

    /// A pool without helpers.
    static final WorkerPool CALLER = new WorkerPool(1);

    private final int threads;

    WorkerPool(int threads) {
        this.threads = threads;
    }

    /// Runs `part` for each of `0 … parts-1`; each thread processes its share in ascending order.
    ///
    /// @return whether every part returned true
    boolean all(int parts, IntPredicate part) {
        return all(parts, part, false);
    }

    /// Runs `part` for each of `0 … parts-1`; each thread processes its share in descending order,
    /// starting with what the previous pass left in its cache.
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

    /// Helps with a job, and with those that follow immediately.
    private static void help(Job first) {
        for (Job job = first; job != null; job = next()) {
            job.help();
        }
    }

    /// Spins for a job. A caller that starts one meanwhile does not wake a helper, hence the last
    /// check.
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

    /// The parts of one computation, taken one by one by free threads.
    private static final class Job {
        private final int parts;
        private final IntPredicate part;
        private final boolean backwards;
        private final Thread caller = Thread.currentThread();

        /// The number of parts taken of each share; the caller's is the first.
        private final AtomicIntegerArray taken;

        private final AtomicInteger left;

        /// The number of helpers that may still join.
        private final AtomicInteger admitted;

        private volatile boolean agreed = true;
        private volatile @Nullable Throwable failure;

        Job(int parts, IntPredicate part, boolean backwards, int helpers) {
            this.parts = parts;
            this.part = part;
            this.backwards = backwards;
            this.taken = new AtomicIntegerArray(helpers + 1);
            this.left = new AtomicInteger(parts);
            this.admitted = new AtomicInteger(helpers);
        }

        /// Returns whether another helper may find a part.
        boolean isOpen() {
            return admitted.get() > 0 && left.get() > 0;
        }

        /// Joins the job if it admits helpers and a processor is free.
        void help() {
            int place = admitted.getAndDecrement();
            if (place > 0) {
                if (WORKING.incrementAndGet() <= PROCESSORS) {
                    work(place);
                }
                WORKING.decrementAndGet();
            }
        }

        /// Runs the parts of the thread's own share, then the remaining parts of the others.
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

        /// Waits for the parts that helpers still run.
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
