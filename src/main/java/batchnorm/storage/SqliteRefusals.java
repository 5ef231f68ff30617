package batchnorm.storage;

import java.nio.file.Path;
import java.sql.SQLException;
import org.sqlite.SQLiteErrorCode;

/// Explains why a SQLite file cannot be opened.
final class SqliteRefusals {
    private static final String RESTORE =
            "Restore a backup: move the files of the data directory away, and put the backup there as"
                    + " batchnorm.db. Keep the damaged files until then.";

    private SqliteRefusals() {}

    /// @param file the database
    static StoreRefused of(Path file, SQLException failure) {
        SQLiteErrorCode code = SQLiteErrorCode.getErrorCode(failure.getErrorCode() & 0xFF);
        return switch (code) {
            case SQLITE_NOTADB -> refused(file, "is not a database of SQLite", RESTORE, failure);
            case SQLITE_CORRUPT -> refused(file, "is damaged or truncated", RESTORE, failure);
            case SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_AUTH, SQLITE_READONLY ->
                    refused(
                            file,
                            "cannot be opened for writing",
                            "Make it a regular file that this process may read and write, in a directory that it may"
                                    + " write, on a file system that is not read-only.",
                            failure);
            case SQLITE_FULL ->
                    refused(
                            file,
                            "cannot grow: the disk is full",
                            "Free space on the disk.",
                            failure);
            case SQLITE_BUSY, SQLITE_LOCKED ->
                    refused(
                            file,
                            "is locked by another program",
                            "Close the program that has it open, such as sqlite3.",
                            failure);
            default ->
                    refused(
                            file,
                            "cannot be used (" + failure.getMessage() + ")",
                            "Check the disk, and the log of the system. If the file is damaged, restore a"
                                    + " backup.",
                            failure);
        };
    }

    private static StoreRefused refused(
            Path file, String what, String remedy, SQLException failure) {
        return new StoreRefused(
                "the database " + file.toAbsolutePath() + " " + what, remedy, failure);
    }
}
