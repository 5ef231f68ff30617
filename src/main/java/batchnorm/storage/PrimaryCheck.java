package batchnorm.storage;

import batchnorm.layer.StoreState;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Checks for a health probe whether the database server accepts changes, with a shorter time-out
/// than requests have. All probes share one query, so an unresponsive server costs one connection
/// and one thread.
final class PrimaryCheck {
    /// Shorter than the time-outs of probes, longer than the response time of a healthy server
    /// under load.
    static final Duration TIMEOUT = Duration.ofSeconds(1);

    private final Supplier<StoreState> query;
    private @Nullable CompletableFuture<StoreState> underway;

    /// @param query completes eventually, or fails
    PrimaryCheck(Supplier<StoreState> query) {
        this.query = query;
    }

    /// Returns the result of the query, or `UNAVAILABLE` when it fails or takes too long.
    StoreState state() {
        try {
            return pending().get(TIMEOUT.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException late) {
            return unavailable(
                    "the database does not respond within " + TIMEOUT.toSeconds() + " s");
        } catch (ExecutionException failed) {
            return unavailable(
                    "the database does not respond (" + Causes.root(failed).getMessage() + ")");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return unavailable("the check of the database was interrupted");
        }
    }

    private static StoreState unavailable(String reason) {
        return new StoreState(StoreState.Kind.UNAVAILABLE, reason);
    }

    private synchronized CompletableFuture<StoreState> pending() {
        if (underway == null || underway.isDone()) {
            underway = CompletableFuture.supplyAsync(query, Thread::startVirtualThread);
        }
        return underway;
    }
}
