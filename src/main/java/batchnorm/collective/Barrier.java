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

/// A single-use barrier of a group. Each member contributes a part. The last one to arrive computes
/// one result of all parts in rank order, regardless of the order of arrival, and all members
/// return it.
///
/// All members end alike: with the result, with the exception of the computation, or with
/// [SyncTimeout] at the deadline. A waiting member blocks its thread, preferably a virtual one, and
/// holds no lock.
///
/// @param <P> the part of a member
/// @param <R> the result of all parts
final class Barrier<P, R> {
    private final String name;
    private final Duration timeout;
    private final long deadline; // by System.nanoTime
    private final Function<List<P>, R> work;
    private final List<@Nullable Part<P>> parts = new ArrayList<>();
    private final CompletableFuture<R> result = new CompletableFuture<>();
    private int missing;

    /// @param name for messages: `forward-train of step 3`
    /// @param work runs on the thread of the last member to arrive
    Barrier(String name, int size, Duration timeout, Function<List<P>, R> work) {
        this.name = name;
        this.timeout = timeout;
        this.deadline = System.nanoTime() + timeout.toNanos();
        this.work = work;
        this.missing = size;
        for (int rank = 0; rank < size; rank++) {
            parts.add(null);
        }
    }

    /// @param fingerprint equal for equal parts of one rank
    private record Part<P>(String fingerprint, P value) {}

    /// Contributes a part and waits for the others. A member that retries with the same part, for
    /// example after a broken connection, waits with them.
    ///
    /// @throws PartConflict when the rank contributed a different part
    /// @throws SyncTimeout when parts are missing at the deadline
    R meet(int rank, String fingerprint, P part) {
        if (contribute(rank, new Part<>(fingerprint, part))) {
            finish();
        }
        return await();
    }

    /// @return whether it was the last part
    private synchronized boolean contribute(int rank, Part<P> part) {
        Part<P> earlier = parts.get(rank);
        if (earlier != null) {
            if (!earlier.fingerprint.equals(part.fingerprint)) {
                throw new PartConflict(
                        "rank "
                                + rank
                                + " sent a different part to "
                                + name
                                + "; a retry must send the same body");
            }
            return false;
        }
        if (result.isDone()) {
            return false; // late: returns the same result
        }
        parts.set(rank, part);
        missing--;
        return missing == 0;
    }

    private void finish() {
        try {
            result.complete(work.apply(all()));
        } catch (Throwable failure) { // no member may wait forever
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
            throw unwrapped(failed.getCause());
        }
        try {
            return result.join(); // all parts have arrived: the result is imminent
        } catch (CompletionException failed) {
            throw unwrapped(failed.getCause());
        }
    }

    private static RuntimeException unwrapped(@Nullable Throwable cause) {
        return cause instanceof RuntimeException exception
                ? exception
                : new IllegalStateException(cause);
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
                                + " did not reach "
                                + name
                                + " within "
                                + timeout.toMillis() / 1e3
                                + " s of the first; nothing was changed, and all "
                                + parts.size()
                                + " ranks may send it again"));
    }

    /// Returns all ranks, truncated for the message.
    private static String listed(List<Integer> ranks) {
        String all = String.join(", ", ranks.stream().limit(32).map(Object::toString).toList());
        return ranks.size() <= 32 ? all : all + " and " + (ranks.size() - 32) + " more";
    }

    /// Returns whether the barrier failed and must be replaced.
    boolean hasFailed() {
        return result.isCompletedExceptionally();
    }
}
