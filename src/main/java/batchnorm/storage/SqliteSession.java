package batchnorm.storage;

import batchnorm.layer.CommitOutcomeUnknown;
import batchnorm.layer.Layer;
import batchnorm.layer.LayerCorrupt;
import batchnorm.layer.LayerName;
import batchnorm.layer.OptimizerState;
import batchnorm.layer.Overloaded;
import batchnorm.layer.Snapshot;
import batchnorm.layer.StepRecord;
import batchnorm.layer.StoreState;
import batchnorm.layer.StoreUnavailable;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/// The only writing connection, used by one thread for one batch after another.
///
/// Without other writers, the last commit is current. The transaction begins only when there is
/// something to save. The connection is not reused after a commit with an unknown outcome. The
/// operating system may have dropped dirty pages and report the next flush as a success.
final class SqliteSession implements Session, Session.Source {
    private final Connection connection;
    private final CommittedLayers committed;
    private final KeyLimits keys;
    private final StorageQuota quota;
    private final InstantSource clock;
    private volatile @Nullable CommitOutcomeUnknown failure;
    private boolean inTransaction;

    SqliteSession(
            Connection connection,
            CommittedLayers committed,
            KeyLimits keys,
            StorageQuota quota,
            InstantSource clock) {
        this.connection = connection;
        this.committed = committed;
        this.keys = keys;
        this.quota = quota;
        this.clock = clock;
    }

    @Override
    public Session open() {
        if (failure != null) {
            throw new SessionFailure(
                    SessionFailure.Remedy.FAIL,
                    new StoreUnavailable(
                            "the store failed during an earlier commit and takes no more changes in this"
                                    + " process; nothing was changed, restart the service",
                            failure,
                            StoreState.Kind.STOPPED));
        }
        return this;
    }

    /// Returns the commit with an unknown outcome, after which no change is possible; null before.
    @Nullable CommitOutcomeUnknown failure() {
        return failure;
    }

    @Override
    public Map<LayerName, StoredLayer> begin(SortedSet<LayerName> names) {
        Map<LayerName, StoredLayer> stored = new HashMap<>();
        for (LayerName name : names) {
            stored.put(name, stored(name));
        }
        return stored;
    }

    private StoredLayer stored(LayerName name) {
        try {
            Layer layer = committed.peek(name);
            return StoredLayer.of(layer != null ? layer : LayerTable.find(connection, name));
        } catch (LayerCorrupt damage) {
            return new StoredLayer(null, damage);
        } catch (SQLException failed) {
            if (SqliteFailures.reading(name, failed) instanceof LayerCorrupt damage) {
                return new StoredLayer(null, damage);
            }
            throw SqliteFailures.beforeCommit(failed);
        }
    }

    @Override
    public @Nullable OptimizerState optimizer(LayerName name, String incarnation) {
        try {
            return OptimizerTable.find(connection, name, incarnation);
        } catch (SQLException failed) {
            throw SqliteFailures.beforeCommit(failed);
        }
    }

    @Override
    public SnapshotUnitOfWork snapshots(String incarnation) {
        try {
            return new SnapshotUnitOfWork(
                    SnapshotTable.list(connection, incarnation),
                    SnapshotTable.taken(connection, incarnation));
        } catch (SQLException failed) {
            throw SqliteFailures.beforeCommit(failed);
        }
    }

    @Override
    public @Nullable Snapshot snapshot(LayerName name, String incarnation, long id) {
        try {
            return SnapshotTable.find(connection, name, incarnation, id);
        } catch (SQLException failed) {
            throw SqliteFailures.beforeCommit(failed);
        }
    }

    @Override
    public @Nullable StepRecord step(LayerName name, String incarnation, String key) {
        try {
            return StepTable.find(connection, name, incarnation, key);
        } catch (SQLException failed) {
            throw SqliteFailures.beforeCommit(failed);
        }
    }

    @Override
    public void save(Collection<LayerUnitOfWork> drafts) {
        try {
            execute("BEGIN IMMEDIATE");
            inTransaction = true;
            int recorded = 0;
            boolean grows = false;
            for (LayerUnitOfWork draft : drafts) {
                if (!LayerTable.save(connection, draft)) {
                    throw changedByOthers();
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
                StepTable.prune(connection, keys, clock.instant(), 2 * recorded, "");
            }
        } catch (SQLException failed) {
            throw SqliteFailures.beforeCommit(failed);
        }
    }

    /// The lock on the data directory excludes other processes of this service, but not tools that
    /// open the file.
    private static SessionFailure changedByOthers() {
        return new SessionFailure(
                SessionFailure.Remedy.REPEAT,
                new Overloaded("another program changes the store's file; nothing was changed"));
    }

    @Override
    public void commit() {
        try {
            execute("COMMIT");
            inTransaction = false;
        } catch (SQLException failed) {
            SessionFailure sessionFailure = SqliteFailures.atCommit(failed);
            if (sessionFailure.cause() instanceof CommitOutcomeUnknown unknown) {
                failure = unknown;
            }
            throw sessionFailure;
        }
    }

    @Override
    public void close() {
        if (!inTransaction) {
            return;
        }
        inTransaction = false;
        try {
            execute("ROLLBACK");
        } catch (SQLException rolledBackAlready) {
            // SQLite itself rolls back after most failures.
        }
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
