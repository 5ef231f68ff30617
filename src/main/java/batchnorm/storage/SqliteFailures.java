package batchnorm.storage;

import batchnorm.layer.CommitOutcomeUnknown;
import batchnorm.layer.LayerCorrupt;
import batchnorm.layer.LayerName;
import batchnorm.layer.StorageFull;
import batchnorm.layer.StoreUnavailable;
import batchnorm.layer.UnstorableValue;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.util.Set;
import org.sqlite.SQLiteErrorCode;

/// What a failure of SQLite means to a caller.
final class SqliteFailures {
    private SqliteFailures() {}

    /// Codes of a statement that fails by its values.
    private static final Set<Integer> REFUSED_VALUES =
            Set.of(
                    SQLiteErrorCode.SQLITE_CONSTRAINT.code,
                    SQLiteErrorCode.SQLITE_TOOBIG.code,
                    SQLiteErrorCode.SQLITE_MISMATCH.code);

    /// A failure before the commit: nothing was changed.
    static SessionFailure beforeCommit(SQLException failure) {
        if (failure instanceof SQLDataException || REFUSED_VALUES.contains(code(failure))) {
            return new SessionFailure(SessionFailure.Remedy.SEPARATE, new UnstorableValue(failure));
        }
        return isFull(failure)
                ? full(failure)
                : new SessionFailure(SessionFailure.Remedy.ANSWER, unavailable(failure));
    }

    /// A failure of the commit itself.
    ///
    /// SQLite writes most pages only now, so this is where a full disk shows. That is still a known
    /// outcome: SQLITE_FULL comes from a write that came short, and the frame that makes a
    /// transaction of those before it is the last that is written. A full disk found out later,
    /// while flushing, is an input/output error, and that tells nothing.
    static SessionFailure atCommit(SQLException failure) {
        return isFull(failure)
                ? full(failure)
                : new SessionFailure(
                        SessionFailure.Remedy.ANSWER, new CommitOutcomeUnknown(failure));
    }

    static boolean isFull(SQLException failure) {
        return code(failure) == SQLiteErrorCode.SQLITE_FULL.code;
    }

    private static SessionFailure full(SQLException failure) {
        return new SessionFailure(SessionFailure.Remedy.SEPARATE, new StorageFull(failure));
    }

    static StoreUnavailable unavailable(SQLException failure) {
        return new StoreUnavailable(
                "the store failed (" + failure.getMessage() + "); nothing was changed", failure);
    }

    /// A failure to read one layer.
    static RuntimeException reading(LayerName name, SQLException failure) {
        return code(failure) == SQLiteErrorCode.SQLITE_CORRUPT.code
                ? new LayerCorrupt(name, "its page is not readable", failure)
                : unavailable(failure);
    }

    /// Without the second byte, which tells where it happened.
    private static int code(SQLException failure) {
        return failure.getErrorCode() & 0xFF;
    }
}
