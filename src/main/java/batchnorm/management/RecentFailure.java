package batchnorm.management;

import batchnorm.layer.CommitOutcomeUnknown;
import batchnorm.layer.Overloaded;
import batchnorm.layer.StorageFull;
import batchnorm.layer.StoreState;
import batchnorm.layer.StoreState.Kind;
import batchnorm.layer.StoreUnavailable;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// The last failure of a store, which counts for a while. It reveals what a check from outside does
/// not: a disk quota, a locked table, an unreadable page.
final class RecentFailure {
    /// How long a failure counts. It must expire: a probe that keeps clients away prevents the
    /// change that would clear it.
    static final Duration MEMORY = Duration.ofSeconds(10);

    private final LongSupplier nanos;
    private final AtomicReference<@Nullable Failure> last = new AtomicReference<>();
    private final AtomicReference<@Nullable Failure> unreported = new AtomicReference<>();

    /// @param nanos a monotonic clock, as [System#nanoTime]
    RecentFailure(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /// @param commits the number of commits so far
    private record Failure(StoreState state, boolean ofRead, long nanos, long commits) {}

    /// Records a failure, unless it is the caller's.
    ///
    /// @param commits the number of commits so far
    /// @return whether it is the store's
    boolean record(RuntimeException exception, boolean ofRead, long commits) {
        StoreState state = state(exception);
        if (state == null) {
            return false;
        }
        Failure failure = new Failure(state, ofRead, nanos.getAsLong(), commits);
        last.set(failure);
        unreported.set(failure);
        return true;
    }

    /// Records a read that succeeded, which clears failures of reads. Damage is not cleared,
    /// because other bytes may have been read.
    void readSucceeded() {
        Failure failure = last.get();
        if (failure != null && failure.ofRead && failure.state.kind() != Kind.DAMAGED) {
            last.compareAndSet(failure, null);
        }
    }

    /// Returns the state that the last failure revealed; ready when it has expired.
    ///
    /// @param commits the number of commits so far; a new one since the last failure clears it
    StoreState state(long commits) {
        Failure failure = last.get();
        if (failure == null) {
            return StoreState.READY;
        }
        Kind kind = failure.state.kind();
        boolean isCleared = failure.commits != commits && kind != Kind.DAMAGED;
        boolean isExpired = nanos.getAsLong() - failure.nanos >= MEMORY.toNanos();
        return kind != Kind.STOPPED && (isCleared || isExpired) ? StoreState.READY : failure.state;
    }

    /// Returns the state of the last failure since the previous call; null if there is none.
    @Nullable StoreState takeUnreported() {
        Failure failure = unreported.getAndSet(null);
        return failure == null ? null : failure.state;
    }

    /// Returns the state of the store that an exception reveals; null for an exception that is the
    /// caller's, or for mere load.
    private static @Nullable StoreState state(RuntimeException exception) {
        Throwable cause = exception.getCause();
        if (cause == null) {
            return null;
        }
        return switch (exception) {
            case StorageFull _ ->
                    new StoreState(
                            Kind.FULL, "a change failed for lack of space (" + text(cause) + ")");
            case CommitOutcomeUnknown _ ->
                    new StoreState(
                            Kind.UNAVAILABLE,
                            "a commit failed with an unknown outcome (" + text(cause) + ")");
            case StoreUnavailable e -> new StoreState(e.kind(), text(cause));
            case Overloaded _ ->
                    new StoreState(
                            Kind.UNAVAILABLE,
                            "a change waited too long for the store (" + text(cause) + ")");
            default -> null;
        };
    }

    private static String text(Throwable cause) {
        String message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message;
    }
}
