package batchnorm.storage;

import batchnorm.layer.LayerName;
import batchnorm.layer.OptimizerState;
import batchnorm.layer.Overloaded;
import batchnorm.layer.Snapshot;
import batchnorm.layer.StepRecord;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Map;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/// A connection for one batch, in a READ COMMITTED transaction that locks the rows it changes.
final class PostgresSession implements Session {
    private final Connection connection;
    private final KeyLimits keys;
    private final StorageQuota quota;
    private final InstantSource clock;

    private PostgresSession(
            Connection connection, KeyLimits keys, StorageQuota quota, InstantSource clock) {
        this.connection = connection;
        this.keys = keys;
        this.quota = quota;
        this.clock = clock;
    }

    static Session open(
            Connections connections, KeyLimits keys, StorageQuota quota, InstantSource clock) {
        try {
            return new PostgresSession(connections.take(), keys, quota, clock);
        } catch (SQLException failed) {
            // The pool has retried until its own deadline.
            throw new SessionFailure(
                    SessionFailure.Remedy.FAIL, PostgresFailures.unavailable(failed));
        }
    }

    @Override
    public Map<LayerName, StoredLayer> begin(SortedSet<LayerName> names) {
        try {
            return LayerTable.lock(connection, names);
        } catch (SQLException failed) {
            throw PostgresFailures.beforeCommit(failed);
        }
    }

    @Override
    public @Nullable OptimizerState optimizer(LayerName name, String incarnation) {
        try {
            return OptimizerTable.find(connection, name, incarnation);
        } catch (SQLException failed) {
            throw PostgresFailures.beforeCommit(failed);
        }
    }

    @Override
    public SnapshotUnitOfWork snapshots(String incarnation) {
        try {
            return new SnapshotUnitOfWork(
                    SnapshotTable.list(connection, incarnation),
                    SnapshotTable.taken(connection, incarnation));
        } catch (SQLException failed) {
            throw PostgresFailures.beforeCommit(failed);
        }
    }

    @Override
    public @Nullable Snapshot snapshot(LayerName name, String incarnation, long id) {
        try {
            return SnapshotTable.find(connection, name, incarnation, id);
        } catch (SQLException failed) {
            throw PostgresFailures.beforeCommit(failed);
        }
    }

    @Override
    public @Nullable StepRecord step(LayerName name, String incarnation, String key) {
        try {
            return StepTable.find(connection, name, incarnation, key);
        } catch (SQLException failed) {
            throw PostgresFailures.beforeCommit(failed);
        }
    }

    /// Drafts are ordered by name, so new rows are locked in that order, too.
    @Override
    public void save(Collection<LayerUnitOfWork> drafts) {
        try {
            int recorded = 0;
            boolean grows = false;
            for (LayerUnitOfWork draft : drafts) {
                if (!LayerTable.save(connection, draft)) {
                    throw createdElsewhere();
                }
                StepTable.requireWithin(draft, keys);
                StepTable.save(connection, draft);
                grows |= OptimizerTable.save(connection, draft);
                grows |= draft.grows();
                SnapshotTable.save(connection, draft);
                recorded += draft.steps().size();
            }
            if (grows) {
                StoredBytesTable.requireWithin(connection, drafts, quota);
            }
            if (recorded > 0) {
                StepTable.prune(
                        connection, keys, clock.instant(), 2 * recorded, "FOR UPDATE SKIP LOCKED");
            }
        } catch (SQLException failed) {
            throw PostgresFailures.beforeCommit(failed);
        }
    }

    /// Another replica has created the row, which did not exist to be locked.
    private static SessionFailure createdElsewhere() {
        return new SessionFailure(
                SessionFailure.Remedy.REPEAT,
                new Overloaded("another replica changes this layer, too; nothing was changed"));
    }

    @Override
    public void commit() {
        try {
            connection.commit();
        } catch (SQLException failed) {
            throw PostgresFailures.atCommit(failed);
        }
    }

    /// The pool rolls back uncommitted changes.
    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException lost) {
            // The server rolls back.
        }
    }
}
