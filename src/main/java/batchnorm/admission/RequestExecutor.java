package batchnorm.admission;

import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// Runs each request on a virtual thread, and counts those that have not started yet because other
/// threads occupy the processors.
public final class RequestExecutor implements Executor {
    /// Nanoseconds for which threads may go on one after the other without a wait. As long as they
    /// do, they are before all that something outside has woken.
    static final long TURN = TimeUnit.MILLISECONDS.toNanos(5);

    /// How often who is about to compute steps back, at most: a flood that is heard to its end
    /// before anybody computes would be all that is ever done.
    private static final int COURTESY = 8;

    private final ThreadFactory threads = Thread.ofVirtual().name("request-", 0).factory();
    private final AtomicInteger unheard = new AtomicInteger();

    @Override
    public void execute(Runnable request) {
        unheard.incrementAndGet();
        threads.newThread(
                        () -> {
                            unheard.decrementAndGet();
                            request.run();
                        })
                .start();
    }

    /// Lets those run who have come meanwhile, if they are many. Virtual threads share the
    /// processors without interruption: if who may compute went on at once, whoever came later
    /// would be heard after the end of that. The queue would form where nobody bounds it, and
    /// nobody would ever be refused. Being heard takes a moment: they get a place at the
    /// processors, wait for one, or are refused.
    ///
    /// @param few so many may stay unheard: they are soon heard anyway, and to step back costs a
    ///   small request a fifth of its time
    @SuppressWarnings("ThreadPriorityCheck") // to go on later is all that is asked of the scheduler
    void goFirst(int few) {
        for (int i = 0; i < COURTESY && unheard.get() > few; i++) {
            Thread.yield();
        }
    }

    /// Requests that nobody has looked at.
    int unheard() {
        return unheard.get();
    }
}
