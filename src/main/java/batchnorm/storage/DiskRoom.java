package batchnorm.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Checks whether the disk of an embedded store has space, by its free bytes and by the outcome of
/// recent changes. Only the latter reveals a disk quota.
final class DiskRoom {
    /// The minimum free bytes; the log alone grows to 4 MB between two checkpoints.
    static final long FLOOR = 16L << 20;

    /// How long a failure for lack of space counts. It must expire: a probe that keeps clients away
    /// prevents the change that would clear it.
    static final Duration MEMORY = Duration.ofSeconds(10);

    private final LongSupplier usableBytes;
    private final LongSupplier nanos;
    private volatile @Nullable Refusal last;

    /// @param usableBytes of the disk, [#usableBytes]
    /// @param nanos a monotonic clock, as [System#nanoTime]
    DiskRoom(LongSupplier usableBytes, LongSupplier nanos) {
        this.usableBytes = usableBytes;
        this.nanos = nanos;
    }

    /// @param commits the number of commits so far
    private record Refusal(long nanos, long commits) {}

    /// Records a change that failed for lack of space.
    void refused(long commits) {
        last = new Refusal(nanos.getAsLong(), commits);
    }

    /// @param commits the number of commits so far; a new one since the last failure clears it
    boolean isThere(long commits) {
        Refusal refusal = last;
        boolean isRefused =
                refusal != null
                        && refusal.commits == commits
                        && nanos.getAsLong() - refusal.nanos < MEMORY.toNanos();
        return !isRefused && usableBytes.getAsLong() >= FLOOR;
    }

    static long usableBytes(Path directory) {
        try {
            return Files.getFileStore(directory).getUsableSpace();
        } catch (IOException unreadable) {
            return 0; // an unreadable disk is not writable
        }
    }
}
