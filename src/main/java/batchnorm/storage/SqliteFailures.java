package batchnorm.storage;

import batchnorm.layer.CommitOutcomeUnknown;
import batchnorm.layer.LayerCorrupt;
import batchnorm.layer.LayerName;
import batchnorm.layer.StorageFull;
import batchnorm.layer.StoreState;
import batchnorm.layer.StoreUnavailable;
import batchnorm.layer.UnstorableValue;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.util.Set;
import org.sqlite.SQLiteErrorCode;

/// Maps failures of SQLite.
final class SqliteFailures {
    private SqliteFailures() {}

    /// Codes of rejected values.
    private static final Set<Integer> REFUSED_VALUES =
            Set.of(
                    SQLiteErrorCode.SQLITE_CONSTRAINT.code,
                    SQLiteErrorCode.SQLITE_TOOBIG.code,
                    SQLiteErrorCode.SQLITE_MISMATCH.code);

    /// Maps a failure before the commit; nothing was changed.
    static SessionFailure beforeCommit(SQLException failure) {
        if (failure instanceof SQLDataException || REFUSED_VALUES.contains(code(failure))) {
            return new SessionFailure(SessionFailure.Remedy.SEPARATE, new UnstorableValue(failure));
        }
        return isFull(failure)
                ? full(failure)
                : new SessionFailure(SessionFailure.Remedy.FAIL, unavailable(failure));
    }

    /// Maps a failure of the commit.
    ///
    /// SQLite writes most pages at the commit, where a full disk shows. The outcome is still known:
    /// SQLITE_FULL follows a short write, and the frame that completes the transaction is written
    /// last. A full disk found during the flush is an I/O error with an unknown outcome.
    static SessionFailure atCommit(SQLException failure) {
        return isFull(failure)
                ? full(failure)
                : new SessionFailure(SessionFailure.Remedy.FAIL, new CommitOutcomeUnknown(failure));
    }

    static boolean isFull(SQLException failure) {
        return code(failure) == SQLiteErrorCode.SQLITE_FULL.code;
    }

    private static SessionFailure full(SQLException failure) {
        return new SessionFailure(SessionFailure.Remedy.SEPARATE, new StorageFull(failure));
    }

    static StoreUnavailable unavailable(SQLException failure) {
        return new StoreUnavailable(
                "the store failed (" + failure.getMessage() + "); nothing was changed",
                failure,
                kind(failure));
    }

    private static StoreState.Kind kind(SQLException failure) {
        int code = code(failure);
        if (code == SQLiteErrorCode.SQLITE_READONLY.code) {
            return StoreState.Kind.READ_ONLY;
        }
        return code == SQLiteErrorCode.SQLITE_CORRUPT.code
                        || code == SQLiteErrorCode.SQLITE_NOTADB.code
                ? StoreState.Kind.DAMAGED
                : StoreState.Kind.UNAVAILABLE;
    }

    /// Maps a failure to read one layer.
    static RuntimeException reading(LayerName name, SQLException failure) {
        return code(failure) == SQLiteErrorCode.SQLITE_CORRUPT.code
                ? new LayerCorrupt(name, "its page is not readable", failure)
                : unavailable(failure);
    }

    /// Returns the primary code, without the extended second byte.
    private static int code(SQLException failure) {
        return failure.getErrorCode() & 0xFF;
    }
}
