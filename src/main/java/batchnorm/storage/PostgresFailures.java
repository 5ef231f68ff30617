package batchnorm.storage;

import batchnorm.layer.CommitOutcomeUnknown;
import batchnorm.layer.Overloaded;
import batchnorm.layer.StorageFull;
import batchnorm.layer.StoreState;
import batchnorm.layer.StoreUnavailable;
import batchnorm.layer.UnstorableValue;
import batchnorm.storage.SessionFailure.Remedy;
import java.net.SocketTimeoutException;
import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLState;

/// Maps failures of PostgreSQL by their SQLSTATE.
final class PostgresFailures {
    /// Rolled back because of concurrent transactions.
    private static final Set<String> CONFLICTS = Set.of("40001", "40P01", "23505");

    /// The server closes connections, starts or stops.
    private static final Set<String> RESTARTING = Set.of("57P01", "57P02", "57P03");

    /// SQLSTATE classes of rejected values: data exception, integrity constraint violation, program
    /// limit exceeded.
    private static final Set<String> REFUSED_VALUES = Set.of("22", "23", "54");

    private static final String DISK_FULL = "53100";
    private static final String READ_ONLY = "25006";
    private static final String LOCK_NOT_AVAILABLE = "55P03";

    private PostgresFailures() {}

    /// Maps a failure before the commit; nothing was changed.
    static SessionFailure beforeCommit(SQLException failure) {
        String state = String.valueOf(failure.getSQLState());
        if (CONFLICTS.contains(state)) {
            return new SessionFailure(Remedy.REPEAT, contended(failure));
        }
        if (state.equals(LOCK_NOT_AVAILABLE)) {
            return new SessionFailure(Remedy.FAIL, contended(failure));
        }
        if (state.equals(DISK_FULL)) {
            return new SessionFailure(Remedy.SEPARATE, new StorageFull(failure));
        }
        if (state.length() == 5 && REFUSED_VALUES.contains(state.substring(0, 2))) {
            return new SessionFailure(Remedy.SEPARATE, new UnstorableValue(failure));
        }
        Remedy remedy = isConnectionLost(failure) ? Remedy.REPEAT : Remedy.FAIL;
        return new SessionFailure(remedy, unavailable(failure));
    }

    /// Maps a failure of the commit. The outcome is known only if the server reports a rollback.
    static SessionFailure atCommit(SQLException failure) {
        String state = String.valueOf(failure.getSQLState());
        return CONFLICTS.contains(state) || state.equals(DISK_FULL)
                ? beforeCommit(failure)
                : new SessionFailure(Remedy.FAIL, new CommitOutcomeUnknown(failure));
    }

    /// Returns whether another connection may succeed immediately because this one was closed, as
    /// after a restart of the server. Excludes network time-outs, on which the next connection
    /// would wait as long.
    static boolean isConnectionLost(SQLException failure) {
        String state = String.valueOf(failure.getSQLState());
        return (PSQLState.isConnectionError(state) || RESTARTING.contains(state))
                && !isCausedByTimeout(failure);
    }

    private static boolean isCausedByTimeout(@Nullable Throwable failure) {
        return failure != null
                && (failure instanceof SocketTimeoutException
                        || isCausedByTimeout(failure.getCause()));
    }

    private static Overloaded contended(SQLException failure) {
        return new Overloaded(
                "too many replicas change this layer at once; nothing was changed, try again shortly",
                failure);
    }

    static StoreUnavailable unavailable(SQLException failure) {
        if (READ_ONLY.equals(failure.getSQLState())) {
            return new StoreUnavailable(
                    "the database is read-only; nothing was changed, and reads go on",
                    failure,
                    StoreState.Kind.READ_ONLY);
        }
        return new StoreUnavailable(
                "the database does not respond; nothing was changed, try again shortly", failure);
    }
}
