package batchnorm.storage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/// The directory of an embedded store, locked by one process at a time: cached layers are valid
/// only without other writers. The operating system releases the lock when the process ends.
final class DataDirectory implements AutoCloseable {
    private final Path path;
    private final FileChannel lockFile;

    private DataDirectory(Path path, FileChannel lockFile) {
        this.path = path;
        this.lockFile = lockFile;
    }

    /// @throws StoreRefused when it cannot be used, or another process uses it
    static DataDirectory open(Path path) {
        try {
            OwnerOnly.directories(path);
            Path lock = path.resolve("batchnorm.lock");
            OwnerOnly.file(lock);
            FileChannel lockFile = FileChannel.open(lock, StandardOpenOption.WRITE);
            if (lock(lockFile) == null) {
                lockFile.close();
                throw new StoreRefused(
                        "the data directory "
                                + path.toAbsolutePath()
                                + " is in use by another process of this service",
                        "Stop that process, or set BATCHNORM_DATA_DIR to another directory.");
            }
            DataDirectory directory = new DataDirectory(path, lockFile);
            directory.prepare();
            return directory;
        } catch (IOException unusable) {
            throw new StoreRefused(
                    "the data directory "
                            + path.toAbsolutePath()
                            + " cannot be used ("
                            + unusable
                            + ")",
                    "Set BATCHNORM_DATA_DIR to a directory that this process may write.",
                    unusable);
        }
    }

    /// Restricts the permissions of files of earlier versions and deletes unfinished copies of a
    /// killed process. SQLite gives its log the permissions of the database.
    private void prepare() throws IOException {
        OwnerOnly.file(database());
        for (String suffix : new String[] {"-wal", "-shm"}) {
            Path beside = path.resolve("batchnorm.db" + suffix);
            if (Files.exists(beside)) {
                OwnerOnly.restrict(beside);
            }
        }
        Files.deleteIfExists(copy());
        Files.deleteIfExists(Backup.unfinished(copy()));
    }

    private static @Nullable FileLock lock(FileChannel file) throws IOException {
        try {
            return file.tryLock();
        } catch (OverlappingFileLockException heldByThisProcess) {
            return null;
        }
    }

    Path database() {
        return path.resolve("batchnorm.db");
    }

    /// Returns the bytes of the database and its log.
    long bytes() {
        return database().toFile().length() + path.resolve("batchnorm.db-wal").toFile().length();
    }

    /// Returns the path of the backup that a client downloads.
    Path copy() {
        return path.resolve("batchnorm.copy");
    }

    /// Flushes the directory and its parent, which makes the names of new files durable. SQLite
    /// does this only for some of them.
    void flush() {
        try {
            flush(path);
            Path parent = path.toAbsolutePath().getParent();
            if (parent != null) {
                flush(parent);
            }
        } catch (IOException failed) {
            throw new StoreRefused(
                    "the data directory "
                            + path.toAbsolutePath()
                            + " cannot be made durable ("
                            + failed
                            + ")",
                    "Put the data directory on a local file system that supports fsync on directories.",
                    failed);
        }
    }

    static void flush(Path fileOrDirectory) throws IOException {
        try (FileChannel channel = FileChannel.open(fileOrDirectory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public void close() {
        try {
            lockFile.close();
        } catch (IOException unimportant) {
            // The lock ends with the process at the latest.
        }
    }
}
