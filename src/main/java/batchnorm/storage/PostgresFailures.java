package batchnorm.storage;

import batchnorm.layer.CommitOutcomeUnknown;
import batchnorm.layer.Overloaded;
import batchnorm.layer.StorageFull;
import batchnorm.layer.StoreUnavailable;
import batchnorm.layer.UnstorableValue;
import batchnorm.storage.SessionFailure.Remedy;
import java.net.SocketTimeoutException;
import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLState;

/// What a failure of PostgreSQL means to a caller, by its SQLSTATE.
final class PostgresFailures {
    /// The server rolled back because of others.
    private static final Set<String> CONFLICTS = Set.of("40001", "40P01", "23505");

    /// The server ends connections, or starts or stops.
    private static final Set<String> RESTARTING = Set.of("57P01", "57P02", "57P03");

    /// SQLSTATE classes of a statement that fails by its values: data exception, integrity
    /// constraint violation, program limit exceeded.
    private static final Set<String> REFUSED_VALUES = Set.of("22", "23", "54");

    private static final String DISK_FULL = "53100";
    private static final String LOCK_NOT_AVAILABLE = "55P03";

    private PostgresFailures() {}

    /// A failure before the commit: nothing was changed.
    static SessionFailure beforeCommit(SQLException failure) {
        String state = String.valueOf(failure.getSQLState());
        if (CONFLICTS.contains(state)) {
            return new SessionFailure(Remedy.REPEAT, contended(failure));
        }
        if (state.equals(LOCK_NOT_AVAILABLE)) {
            return new SessionFailure(Remedy.ANSWER, contended(failure));
        }
        if (state.equals(DISK_FULL)) {
            return new SessionFailure(Remedy.SEPARATE, new StorageFull(failure));
        }
        if (state.length() == 5 && REFUSED_VALUES.contains(state.substring(0, 2))) {
            return new SessionFailure(Remedy.SEPARATE, new UnstorableValue(failure));
        }
        Remedy remedy = isConnectionLost(failure) ? Remedy.REPEAT : Remedy.ANSWER;
        return new SessionFailure(remedy, unavailable(failure));
    }

    /// A failure of the commit itself. Only where the server itself says that it rolled back, the
    /// outcome is known.
    static SessionFailure atCommit(SQLException failure) {
        String state = String.valueOf(failure.getSQLState());
        return CONFLICTS.contains(state) || state.equals(DISK_FULL)
                ? beforeCommit(failure)
                : new SessionFailure(Remedy.ANSWER, new CommitOutcomeUnknown(failure));
    }

    /// Whether another connection may do better at once: this one was closed, as after a restart of
    /// the server. Not so when the network is silent; then the next one would wait as long.
    static boolean isConnectionLost(SQLException failure) {
        String state = String.valueOf(failure.getSQLState());
        return (PSQLState.isConnectionError(state) || RESTARTING.contains(state))
                && !isCausedBySilence(failure);
    }

    private static boolean isCausedBySilence(@Nullable Throwable failure) {
        return failure != null
                && (failure instanceof SocketTimeoutException
                        || isCausedBySilence(failure.getCause()));
    }

    private static Overloaded contended(SQLException failure) {
        return new Overloaded(
                "too many replicas change this layer at once; nothing was changed, try again shortly",
                failure);
    }

    static StoreUnavailable unavailable(SQLException failure) {
        return new StoreUnavailable(
                "the database does not answer now; nothing was changed, try again shortly",
                failure);
    }
}
