package batchnorm.codec.json;

import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// Work that is done by whoever comes first: the caller who needs it, or a helper of the common
/// pool. Where all helpers are busy with other requests, the caller does everything itself and
/// waits for nobody. It can be offered again once it is finished.
abstract class HelpableTask implements Runnable {
    private final AtomicBoolean open = new AtomicBoolean();
    private final Semaphore done = new Semaphore(0);
    private @Nullable Throwable failure;

    /// How many tasks keep the caller and all helpers busy, with one more for each to go on with.
    static int count() {
        return 2 * (ForkJoinPool.getCommonPoolParallelism() + 1);
    }

    /// What there is to do; not to be called from outside.
    abstract void work();

    /// Lets whoever comes first do it.
    void offer() {
        open.set(true);
        ForkJoinPool.commonPool().execute(this);
    }

    /// A helper's turn. It may come late, to a task that the caller has done or offered anew:
    /// either way what is open is what is to be done.
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

    /// Returns when it is done. Where a helper is at it, the caller does not sleep, which takes
    /// both of them longer than many a task, but goes on with those that follow.
    ///
    /// @param ring of tasks that are taken in turn, this one as number `taken`
    /// @param offered how many were
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
