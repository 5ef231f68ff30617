package batchnorm.collective;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Where the members of a group meet, once: each brings its part, whoever comes last makes one
/// result of all parts in the order of their ranks, and everybody takes it away. So it does not
/// matter who comes when.
///
/// It ends for all alike: with the result, with what making it threw, or, when somebody has not
/// come by the deadline, with [SyncTimeout]. A member that waits holds a thread, which had better
/// be a virtual one, and no lock.
///
/// @param <P> what a member brings
/// @param <R> what everybody takes away
final class Barrier<P, R> {
    private final String what;
    private final Duration timeout;
    private final long deadline; // by System.nanoTime
    private final Function<List<P>, R> work;
    private final List<@Nullable Part<P>> parts = new ArrayList<>();
    private final CompletableFuture<R> result = new CompletableFuture<>();
    private int missing;

    /// @param what it is about, for a sentence: `forward-train of step 3`
    /// @param work of whoever comes last
    Barrier(String what, int size, Duration timeout, Function<List<P>, R> work) {
        this.what = what;
        this.timeout = timeout;
        this.deadline = System.nanoTime() + timeout.toNanos();
        this.work = work;
        this.missing = size;
        for (int rank = 0; rank < size; rank++) {
            parts.add(null);
        }
    }

    /// @param fingerprint the same for two parts of one rank that are the same
    private record Part<P>(String fingerprint, P value) {}

    /// Brings a part and waits for the others. A member that comes again with the same part,
    /// because its connection broke, waits with them.
    ///
    /// @throws PartConflict when this rank has brought another part
    /// @throws SyncTimeout when somebody is missing at the deadline
    R meet(int rank, String fingerprint, P part) {
        if (bring(rank, new Part<>(fingerprint, part))) {
            finish();
        }
        return await();
    }

    /// @return whether it was the last
    private synchronized boolean bring(int rank, Part<P> part) {
        Part<P> earlier = parts.get(rank);
        if (earlier != null) {
            if (!earlier.fingerprint.equals(part.fingerprint)) {
                throw new PartConflict(
                        "rank "
                                + rank
                                + " has brought something else to "
                                + what
                                + "; a retry has to send the same body");
            }
            return false;
        }
        if (result.isDone()) {
            return false; // too late: what it ended with is the answer
        }
        parts.set(rank, part);
        missing--;
        return missing == 0;
    }

    private void finish() {
        try {
            result.complete(work.apply(all()));
        } catch (Throwable failure) { // whatever it is, nobody may wait for ever
            result.completeExceptionally(failure);
        }
    }

    private List<P> all() {
        List<P> all = new ArrayList<>();
        for (Part<P> part : parts) {
            if (part != null) {
                all.add(part.value);
            }
        }
        return all;
    }

    private R await() {
        try {
            return result.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException late) {
            giveUp();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            giveUp();
        } catch (ExecutionException failed) {
            throw fact(failed.getCause());
        }
        try {
            return result.join(); // should all be there, the result is not far
        } catch (CompletionException failed) {
            throw fact(failed.getCause());
        }
    }

    private static RuntimeException fact(@Nullable Throwable cause) {
        return cause instanceof RuntimeException fact ? fact : new IllegalStateException(cause);
    }

    private synchronized void giveUp() {
        if (missing == 0) {
            return;
        }
        List<Integer> ranks = new ArrayList<>();
        for (int rank = 0; rank < parts.size(); rank++) {
            if (parts.get(rank) == null) {
                ranks.add(rank);
            }
        }
        result.completeExceptionally(
                new SyncTimeout(
                        (ranks.size() == 1 ? "rank " : "ranks ")
                                + listed(ranks)
                                + " did not come to "
                                + what
                                + " within "
                                + timeout.toMillis() / 1e3
                                + " s of the first; nothing was changed, and all "
                                + parts.size()
                                + " ranks may send it again"));
    }

    /// All of them, unless a sentence cannot hold them.
    private static String listed(List<Integer> ranks) {
        String all = String.join(", ", ranks.stream().limit(32).map(Object::toString).toList());
        return ranks.size() <= 32 ? all : all + " and " + (ranks.size() - 32) + " more";
    }

    /// Whether it came to nothing, so that another has to take its place.
    boolean hasFailed() {
        return result.isCompletedExceptionally();
    }
}
