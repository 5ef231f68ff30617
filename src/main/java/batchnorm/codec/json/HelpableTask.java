package batchnorm.codec.json;

import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// A task that runs in the calling thread or in a helper of the common pool, whichever starts it
/// first. If all helpers are busy with other requests, the caller runs it without waiting. A
/// finished task can be offered again.
abstract class HelpableTask implements Runnable {
    private final AtomicBoolean open = new AtomicBoolean();
    private final Semaphore done = new Semaphore(0);
    private @Nullable Throwable failure;

    /// Returns the number of tasks that keep the caller and all helpers busy, with one spare each.
    static int count() {
        return 2 * (ForkJoinPool.getCommonPoolParallelism() + 1);
    }

    /// Runs the work of the task; called by this class only.
    abstract void work();

    /// Offers the task to the helpers.
    void offer() {
        open.set(true);
        ForkJoinPool.commonPool().execute(this);
    }

    /// Runs the task in a helper. A late helper may find the task finished or offered again, and
    /// runs it only if it is open.
    @Override
    public void run() {
        if (open.compareAndSet(true, false)) {
            try {
                work();
            } catch (Throwable thrown) {
                failure = thrown;
            } finally {
                done.release();
            }
        }
    }

    /// Returns when the task is finished. While a helper runs it, the caller runs the tasks that
    /// follow instead of parking: parking takes longer than many tasks.
    ///
    /// @param ring the tasks, taken in turn; this task is number `taken`
    /// @param offered the number of tasks offered so far
    void finish(HelpableTask[] ring, int taken, int offered) {
        run();
        for (int next = taken + 1; next < offered && done.availablePermits() == 0; next++) {
            ring[next % ring.length].run();
        }
        done.acquireUninterruptibly();
        if (failure != null) {
            throw new IllegalStateException("a part of the work failed", failure);
        }
    }
}
