package batchnorm.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Whether the disk under an embedded store has room for changes: by what the file system says, and
/// by what became of the last changes, as a quota shows only there.
final class DiskRoom {
    /// Less is no room: the log alone grows to 4 MB between two checkpoints.
    static final long FLOOR = 16L << 20;

    /// How long a refusal counts. Not for ever: whoever is kept away because of it makes no change
    /// that could show that there is room again.
    static final Duration MEMORY = Duration.ofSeconds(10);

    private final LongSupplier usableBytes;
    private final LongSupplier nanos;
    private volatile @Nullable Refusal last;

    /// @param usableBytes of the disk, [#usableBytes]
    /// @param nanos a clock that only goes on, as [System#nanoTime]
    DiskRoom(LongSupplier usableBytes, LongSupplier nanos) {
        this.usableBytes = usableBytes;
        this.nanos = nanos;
    }

    /// @param commits how many there were so far
    private record Refusal(long nanos, long commits) {}

    /// A change found no room.
    void refused(long commits) {
        last = new Refusal(nanos.getAsLong(), commits);
    }

    /// @param commits how many there were so far; one since the last refusal shows that there is
    ///   room
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
            return 0; // whatever it is, nothing can be written there
        }
    }
}
