package batchnorm.storage;

import batchnorm.layer.StorageFull;
import batchnorm.layer.StoreUnavailable;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;

/// Copies an embedded store while it is in use.
///
/// The copy is complete or absent: it is written under another name, flushed, and then renamed. To
/// restore it, stop the service and move the copy to `batchnorm.db` in the data directory, without
/// any other `batchnorm.db*`. Then start the service.
final class Backup {
    private Backup() {}

    static Path unfinished(Path target) {
        return target.resolveSibling(target.getFileName() + ".unfinished");
    }

    /// @throws FileAlreadyExistsException when the target exists
    static void write(SqliteDatabase database, Path target) throws IOException {
        if (Files.exists(target)) {
            throw new FileAlreadyExistsException(target.toString());
        }
        Path unfinished = unfinished(target);
        try {
            Files.deleteIfExists(unfinished);
            OwnerOnly.file(unfinished); // SQLite fills an empty file
            database.copyTo(unfinished);
            DataDirectory.flush(unfinished);
            Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
            Path parent = target.toAbsolutePath().getParent();
            if (parent != null) {
                DataDirectory.flush(parent);
            }
        } catch (SQLException failed) {
            throw SqliteFailures.isFull(failed)
                    ? new StorageFull(failed)
                    : new StoreUnavailable("the backup failed: " + failed.getMessage(), failed);
        } finally {
            Files.deleteIfExists(unfinished);
        }
    }
}
