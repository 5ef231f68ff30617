package batchnorm.storage;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Checks for a health probe whether the database server accepts changes, with a shorter time-out
/// than requests have. All probes share one query, so an unresponsive server costs one connection
/// and one thread.
final class PrimaryCheck {
    /// Shorter than the time-outs of probes, longer than the response time of a healthy server
    /// under load.
    static final Duration TIMEOUT = Duration.ofSeconds(1);

    private final BooleanSupplier query;
    private @Nullable CompletableFuture<Boolean> underway;

    /// @param query completes eventually, or fails
    PrimaryCheck(BooleanSupplier query) {
        this.query = query;
    }

    /// Returns whether the query returns true in time.
    boolean passes() {
        try {
            return pending().get(TIMEOUT.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException | ExecutionException away) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private synchronized CompletableFuture<Boolean> pending() {
        if (underway == null || underway.isDone()) {
            underway =
                    CompletableFuture.supplyAsync(query::getAsBoolean, Thread::startVirtualThread);
        }
        return underway;
    }
}
