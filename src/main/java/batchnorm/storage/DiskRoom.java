package batchnorm.storage;

import batchnorm.layer.StoreState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongSupplier;

/// Checks the free bytes of the disk of an embedded store. A disk quota shows only in failed
/// changes.
final class DiskRoom {
    /// The minimum free bytes; the log alone grows to 4 MB between two checkpoints.
    static final long FLOOR = 16L << 20;

    private final LongSupplier usableBytes;

    /// @param usableBytes of the disk, [#usableBytes]
    DiskRoom(LongSupplier usableBytes) {
        this.usableBytes = usableBytes;
    }

    StoreState state() {
        long usable = usableBytes.getAsLong();
        return usable >= FLOOR
                ? StoreState.READY
                : new StoreState(
                        StoreState.Kind.FULL,
                        "the disk of the data directory has "
                                + usable
                                + " free bytes of the required "
                                + FLOOR);
    }

    static long usableBytes(Path directory) {
        try {
            return Files.getFileStore(directory).getUsableSpace();
        } catch (IOException unreadable) {
            return 0; // an unreadable disk is not writable
        }
    }
}
