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

/// A work that waits for its commit. What it answered or threw is held back until then: an
/// exception, too, may rest on a change that is not durable yet.
final class CommitTask<T extends @Nullable Object> {
    private final Set<LayerName> names;
    private final Function<Transactions, T> work;
    private final AtomicBoolean claimed = new AtomicBoolean();
    private final CompletableFuture<T> answer = new CompletableFuture<>();
    private Runnable reveal = () -> {};

    /// @param names of the layers that the work may touch
    CommitTask(Set<LayerName> names, Function<Transactions, T> work) {
        this.names = names;
        this.work = work;
    }

    Set<LayerName> names() {
        return names;
    }

    /// Whether the caller who asks may decide what becomes of this work: the committer to run it,
    /// or whoever waits to give it up. Only the first may.
    boolean claim() {
        return claimed.compareAndSet(false, true);
    }

    /// Runs the work once more, forgetting any earlier run.
    ///
    /// @return whether it ended well
    boolean run(Transactions transactions) {
        try {
            T result = work.apply(transactions);
            reveal = () -> answer.complete(result);
            return true;
        } catch (SessionFailure failure) {
            throw failure;
        } catch (Throwable thrown) {
            reveal = () -> answer.completeExceptionally(thrown);
            return false;
        }
    }

    /// Gives the answer of the last run to whoever waits.
    void answer() {
        reveal.run();
    }

    void fail(Throwable failure) {
        answer.completeExceptionally(failure);
    }

    /// The work's answer, once it is durable.
    ///
    /// @throws Overloaded when it was not begun within the deadline; nothing was changed
    /// @throws CommitOutcomeUnknown when it was begun, but has not ended within the deadline
    T await(Duration deadline) {
        try {
            return answer.get(deadline.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException failed) {
            throw asItWas(failed);
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
                                + " changed, try again later")
                : new CommitOutcomeUnknown(reason);
    }

    /// A work throws nothing that is checked, and its exception reaches the caller unwrapped.
    private static RuntimeException asItWas(ExecutionException failed) {
        return switch (failed.getCause()) {
            case RuntimeException exception -> exception;
            case Error error -> throw error;
            case null, default -> new IllegalStateException(failed);
        };
    }
}
