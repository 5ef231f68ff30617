package batchnorm.storage;

import batchnorm.layer.CommitOutcomeUnknown;
import batchnorm.layer.LayerName;
import batchnorm.layer.LayerStore.Transactions;
import batchnorm.layer.Overloaded;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A work that waits for its commit. Its result or exception is held back until then, because it
/// may depend on a change that is not durable yet.
final class CommitTask<T extends @Nullable Object> {
    private final Set<LayerName> names;
    private final Function<Transactions, T> work;
    private final AtomicBoolean claimed = new AtomicBoolean();
    private final CompletableFuture<T> result = new CompletableFuture<>();
    private Runnable publish = () -> {};

    /// @param names of the layers that the work may touch
    CommitTask(Set<LayerName> names, Function<Transactions, T> work) {
        this.names = names;
        this.work = work;
    }

    Set<LayerName> names() {
        return names;
    }

    /// Claims this work for running or for giving up. Only the first claim succeeds.
    boolean claim() {
        return claimed.compareAndSet(false, true);
    }

    /// Runs the work, discarding any earlier run.
    ///
    /// @return whether it succeeded
    boolean run(Transactions transactions) {
        try {
            T value = work.apply(transactions);
            publish = () -> result.complete(value);
            return true;
        } catch (SessionFailure failure) {
            throw failure;
        } catch (Throwable thrown) {
            publish = () -> result.completeExceptionally(thrown);
            return false;
        }
    }

    /// Publishes the result of the last run to the waiting caller.
    void complete() {
        publish.run();
    }

    void fail(Throwable failure) {
        result.completeExceptionally(failure);
    }

    /// Returns the work's result once it is durable.
    ///
    /// @throws Overloaded when the work did not begin within the deadline; nothing was changed
    /// @throws CommitOutcomeUnknown when the work began but did not end within the deadline
    T await(Duration deadline) {
        try {
            return result.get(deadline.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException failed) {
            throw unwrapped(failed);
        } catch (TimeoutException late) {
            throw givenUp(late);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw givenUp(interrupted);
        }
    }

    private RuntimeException givenUp(Exception reason) {
        return claim()
                ? new Overloaded(
                        "this change waited too long for its turn and was given up; nothing was"
                                + " changed, try again later",
                        reason)
                : new CommitOutcomeUnknown(reason);
    }

    /// Unwraps the exception of a work, which throws no checked exceptions.
    private static RuntimeException unwrapped(ExecutionException failed) {
        return switch (failed.getCause()) {
            case RuntimeException exception -> exception;
            case Error error -> throw error;
            case null, default -> new IllegalStateException(failed);
        };
    }
}
