package batchnorm.storage;

import batchnorm.layer.Layer;
import batchnorm.layer.LayerName;
import batchnorm.layer.LayerStore;
import batchnorm.layer.LayerSummary;
import batchnorm.layer.Snapshot;
import batchnorm.layer.SnapshotSummary;
import batchnorm.layer.StepRecord;
import batchnorm.layer.StorageUsage;
import batchnorm.layer.StoreActivity;
import batchnorm.layer.StoreConnections;
import batchnorm.layer.StoreSize;
import batchnorm.layer.StoreState;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/// A store in a PostgreSQL server shared by replicas of this service.
///
/// All changes of a layer on this replica go to one committer, which commits waiting works of a hot
/// layer under one row lock. The cache only saves reading vectors. Every read checks the current
/// version on the server, which makes acknowledged changes of other replicas visible.
public final class PostgresLayerStore implements LayerStore, AutoCloseable {
    private final Connections writing;
    private final Connections reading;
    private final CommittedLayers committed;
    private final GroupCommit batch;
    private final List<CommitThread> committers;
    private final PrimaryCheck primary = new PrimaryCheck(() -> query(PostgresDatabase::state));
    private final byte[] secret;

    /// Connects, creating the tables if absent.
    ///
    /// @throws StoreRefused when the server is unsafe to use or unreachable
    public PostgresLayerStore(PostgresSettings settings, InstantSource clock) {
        DataSource source = PostgresDatabase.source(settings);
        this.secret = prepare(source, settings);
        this.writing = Connections.writing(source, settings.writers(), settings.statementTimeout());
        this.reading = Connections.reading(source, settings.readers(), settings.statementTimeout());
        this.committed = new CommittedLayers(settings.cacheBytes());
        this.batch =
                new GroupCommit(
                        () ->
                                PostgresSession.open(
                                        writing, settings.keys(), settings.quota(), clock),
                        committed);
        this.committers =
                IntStream.range(0, settings.writers())
                        .mapToObj(i -> new CommitThread("committer-" + i, settings.writes(), batch))
                        .toList();
    }

    private static byte[] prepare(DataSource source, PostgresSettings settings) {
        try (var connection = source.getConnection()) {
            PostgresDatabase.requireDurable(connection);
            Migrations.run(source, "postgresql", failed -> PostgresRefusals.of(settings, failed));
            return Secret.findOrMake(connection);
        } catch (SQLException refused) {
            throw PostgresRefusals.of(settings, refused);
        }
    }

    @Override
    public <T extends @Nullable Object> T writeAll(
            Set<LayerName> names, Function<Transactions, T> work) {
        // The hash of a singleton is that of its name. A change of several layers contends with
        // other lanes for row locks, which all acquire in the same order.
        int lane = Math.floorMod(names.hashCode(), committers.size());
        return committers.get(lane).write(names, work);
    }

    @Override
    public StoreActivity activity() {
        return new StoreActivity(
                committers.stream().mapToInt(CommitThread::waiting).sum(),
                batch.commits(),
                committers.stream().mapToLong(CommitThread::changes).sum());
    }

    @Override
    public Optional<Layer> read(LayerName name) {
        return Optional.ofNullable(
                query(connection -> {
                    Layer known = committed.peek(name);
                    if (known != null && LayerTable.isCurrent(connection, known)) {
                        return known;
                    }
                    Layer layer = LayerTable.find(connection, name);
                    if (layer != null) {
                        committed.put(layer);
                    }
                    return layer;
                }));
    }

    @Override
    public long vectorBytes(LayerName name) {
        Layer known = committed.peek(name);
        return LayerStore.vectorBytes(
                known != null
                        ? known.features()
                        : query(connection -> LayerTable.features(connection, name)));
    }

    /// The driver holds the whole row while its columns are read.
    @Override
    public long bytesToRead(LayerName name) {
        return vectorBytes(name) / 4 * 9;
    }

    @Override
    public Optional<StepRecord> step(Layer layer, String key) {
        return Optional.ofNullable(
                query(connection ->
                        StepTable.find(connection, layer.name(), layer.incarnation(), key)));
    }

    @Override
    public List<SnapshotSummary> snapshots(Layer layer) {
        return query(connection -> SnapshotTable.list(connection, layer.incarnation()));
    }

    @Override
    public Optional<Snapshot> snapshot(Layer layer, long id) {
        return Optional.ofNullable(
                query(connection ->
                        SnapshotTable.find(connection, layer.name(), layer.incarnation(), id)));
    }

    @Override
    public List<LayerSummary> list(int limit, @Nullable LayerName after) {
        return query(connection -> LayerListing.read(connection, limit, after));
    }

    /// Queries the server, retrying once on a new connection after a lost one.
    private <T extends @Nullable Object> T query(SqlFunction<T> query) {
        try {
            try {
                return reading.with(query);
            } catch (SQLException failed) {
                if (!PostgresFailures.isConnectionLost(failed)) {
                    throw failed;
                }
                reading.evictIdle();
                return reading.with(query);
            }
        } catch (SQLException failed) {
            throw PostgresFailures.unavailable(failed);
        }
    }

    /// Returns whether the server responds in time and accepts changes. Never `STOPPED`, because
    /// failed connections are replaced.
    @Override
    public StoreState state() {
        return primary.state();
    }

    @Override
    public StorageUsage usage() {
        return query(StoredBytesTable::sums);
    }

    @Override
    public StoreSize size() {
        return query(connection ->
                StoredBytesTable.size(connection, PostgresDatabase.bytes(connection)));
    }

    @Override
    public StoreConnections connections() {
        return reading.use().plus(writing.use());
    }

    @Override
    public byte[] secret() {
        return secret.clone();
    }

    /// Returns the number of transactions committed by this replica; with many writers, far fewer
    /// than changes.
    public long commits() {
        return batch.commits();
    }

    /// Finishes accepted changes and rejects others.
    @Override
    public void close() {
        committers.forEach(CommitThread::close);
        reading.close();
        writing.close();
    }
}
