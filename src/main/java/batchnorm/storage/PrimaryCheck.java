package batchnorm.storage;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Asks a database's server whether it takes changes, for a probe that cannot wait as long as a
/// request can. One question at a time, however many probes there are: a server that has fallen
/// silent costs one connection and one thread.
final class PrimaryCheck {
    /// Less than any probe waits, more than a server that is well needs under load.
    static final Duration PATIENCE = Duration.ofSeconds(1);

    private final BooleanSupplier question;
    private @Nullable CompletableFuture<Boolean> underway;

    /// @param question answers some time, or fails
    PrimaryCheck(BooleanSupplier question) {
        this.question = question;
    }

    /// Whether the answer is yes, and comes in time.
    boolean passes() {
        try {
            return ask().get(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException | ExecutionException away) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private synchronized CompletableFuture<Boolean> ask() {
        if (underway == null || underway.isDone()) {
            underway =
                    CompletableFuture.supplyAsync(
                            question::getAsBoolean, Thread::startVirtualThread);
        }
        return underway;
    }
}
