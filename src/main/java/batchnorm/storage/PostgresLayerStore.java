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
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/// Layers in a PostgreSQL server that replicas of this service share.
///
/// A layer's changes on this replica all go through the same committer, so works that wait for one
/// hot layer are committed together and its row is locked once for all of them. Memory only saves
/// reading vectors: every read asks the server for the current version first, so what another
/// replica has acknowledged is seen.
public final class PostgresLayerStore implements LayerStore, AutoCloseable {
    private final Connections writing;
    private final Connections reading;
    private final CommittedLayers committed;
    private final GroupCommit batch;
    private final List<CommitThread> committers;
    private final PrimaryCheck primary = new PrimaryCheck(() -> ask(PostgresDatabase::isPrimary));
    private final byte[] secret;

    /// Connects, and makes the tables where there are none.
    ///
    /// @throws StoreRefused when the server is not safe to use, or not there
    public PostgresLayerStore(PostgresSettings settings, InstantSource clock) {
        DataSource source = PostgresDatabase.source(settings);
        this.secret = prepare(source);
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

    private static byte[] prepare(DataSource source) {
        try (var connection = source.getConnection()) {
            PostgresDatabase.requireDurable(connection);
            Migrations.run(source, "postgresql");
            return Secret.findOrMake(connection);
        } catch (SQLException refused) {
            throw new StoreRefused(
                    "the database cannot be used: "
                            + refused.getMessage()
                            + "; check BATCHNORM_DATABASE_URL",
                    refused);
        }
    }

    @Override
    public <T extends @Nullable Object> T writeAll(
            Set<LayerName> names, Function<Transactions, T> work) {
        // The hash of a set of one name is the name's. A change of several meets those of other
        // lanes at the rows' locks, which everyone takes in the same order.
        int lane = Math.floorMod(names.hashCode(), committers.size());
        return committers.get(lane).write(names, work);
    }

    @Override
    public StoreActivity activity() {
        return committers.stream()
                .map(CommitThread::activity)
                .reduce(new StoreActivity(0, 0, 0), StoreActivity::plus);
    }

    @Override
    public Optional<Layer> read(LayerName name) {
        return Optional.ofNullable(
                ask(connection -> {
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
                        : ask(connection -> LayerTable.features(connection, name)));
    }

    /// The driver holds the whole row while its columns are read.
    @Override
    public long bytesToRead(LayerName name) {
        return vectorBytes(name) / 4 * 9;
    }

    @Override
    public Optional<StepRecord> step(Layer layer, String key) {
        return Optional.ofNullable(
                ask(connection ->
                        StepTable.find(connection, layer.name(), layer.incarnation(), key)));
    }

    @Override
    public List<SnapshotSummary> snapshots(Layer layer) {
        return ask(connection -> SnapshotTable.list(connection, layer.incarnation()));
    }

    @Override
    public Optional<Snapshot> snapshot(Layer layer, long id) {
        return Optional.ofNullable(
                ask(connection ->
                        SnapshotTable.find(connection, layer.name(), layer.incarnation(), id)));
    }

    @Override
    public List<LayerSummary> list(int limit, @Nullable LayerName after) {
        return ask(connection -> LayerPage.read(connection, limit, after));
    }

    /// Asks once more when the connection turns out to be a dead one.
    private <T extends @Nullable Object> T ask(SqlFunction<T> question) {
        try {
            try {
                return reading.with(question);
            } catch (SQLException failed) {
                if (!PostgresFailures.isConnectionLost(failed)) {
                    throw failed;
                }
                return reading.with(question);
            }
        } catch (SQLException failed) {
            throw PostgresFailures.unavailable(failed);
        }
    }

    /// It is, sooner or later: a connection that failed is replaced.
    @Override
    public boolean isUsable() {
        return true;
    }

    /// Whether the server answers soon, and is not a standby by now.
    @Override
    public boolean takesChanges() {
        return primary.passes();
    }

    @Override
    public StorageUsage usage() {
        return ask(StoredBytesTable::sums);
    }

    @Override
    public byte[] secret() {
        return secret.clone();
    }

    /// Transactions committed so far by this replica; with many writers, far fewer than changes.
    public long commits() {
        return batch.commits();
    }

    /// Finishes the changes that were accepted, and refuses others.
    @Override
    public void close() {
        committers.forEach(CommitThread::close);
        reading.close();
        writing.close();
    }
}
