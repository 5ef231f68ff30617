package batchnorm.storage;

import batchnorm.layer.CommitOutcomeUnknown;
import batchnorm.layer.Layer;
import batchnorm.layer.LayerName;
import batchnorm.layer.LayerStore;
import batchnorm.layer.LayerSummary;
import batchnorm.layer.Overloaded;
import batchnorm.layer.Snapshot;
import batchnorm.layer.SnapshotSummary;
import batchnorm.layer.StepRecord;
import batchnorm.layer.StorageUsage;
import batchnorm.layer.StoreActivity;
import batchnorm.layer.StoreConnections;
import batchnorm.layer.StoreSize;
import batchnorm.layer.StoreState;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig.SynchronousMode;

/// A store in a SQLite file of this process. One thread writes. Readers never wait for it: they use
/// the cached committed version, or read it concurrently.
public final class SqliteLayerStore implements LayerStore, AutoCloseable {
    /// The suggested time before a retry while another backup is in progress.
    private static final Duration RETRY = Duration.ofSeconds(10);

    /// Bounds concurrent backups, each as large as the store.
    private final Semaphore backups = new Semaphore(1);

    private final DataDirectory directory;
    private final SqliteDatabase database;
    final Connection writing;
    private final Connections reading;
    private final CommittedLayers committed;
    private final SqliteSession session;
    private final GroupCommit batch;
    private final CommitThread committer;
    private final DiskRoom diskRoom;
    private final byte[] secret;

    /// Opens the store, creating it if absent.
    ///
    /// @throws StoreRefused when it is not safe to use
    public SqliteLayerStore(SqliteSettings settings, InstantSource clock) {
        this(settings, clock, SynchronousMode.FULL);
    }

    /// @param synchronous `FULL` for durability; other modes only for measurements
    SqliteLayerStore(SqliteSettings settings, InstantSource clock, SynchronousMode synchronous) {
        this.directory = DataDirectory.open(settings.directory());
        try {
            this.database = new SqliteDatabase(directory.database(), synchronous);
            Migrations.run(
                    database.writing(),
                    "sqlite",
                    failed -> SqliteRefusals.of(directory.database(), failed));
            this.writing = database.openWriter();
            this.secret = Secret.findOrMake(writing);
            directory.flush();
            this.reading =
                    Connections.reading(
                            database.reading(), settings.readers(), settings.writes().deadline());
        } catch (SQLException | RuntimeException refused) {
            directory.close();
            throw refused(directory.database(), refused);
        }
        this.diskRoom = new DiskRoom(() -> DiskRoom.usableBytes(settings.directory()));
        this.committed = new CommittedLayers(settings.cacheBytes());
        this.session =
                new SqliteSession(writing, committed, settings.keys(), settings.quota(), clock);
        this.batch = new GroupCommit(session, committed);
        this.committer = new CommitThread("committer", settings.writes(), batch);
    }

    private static StoreRefused refused(Path file, Exception failure) {
        if (failure instanceof StoreRefused reason) {
            return reason;
        }
        SQLException cause = Causes.sql(failure);
        return cause != null
                ? SqliteRefusals.of(file, cause)
                : new StoreRefused(
                        "the database "
                                + file.toAbsolutePath()
                                + " cannot be opened: "
                                + failure.getMessage(),
                        "Check the data directory, or set BATCHNORM_DATA_DIR to another one.",
                        failure);
    }

    @Override
    public <T extends @Nullable Object> T writeAll(
            Set<LayerName> names, Function<Transactions, T> work) {
        return committer.write(names, work);
    }

    @Override
    public StoreActivity activity() {
        return new StoreActivity(committer.waiting(), batch.commits(), committer.changes());
    }

    @Override
    public Optional<Layer> read(LayerName name) {
        return Optional.ofNullable(committed.get(name, this::load));
    }

    private @Nullable Layer load(LayerName name) {
        try {
            return reading.with(connection -> LayerTable.find(connection, name));
        } catch (SQLException failed) {
            throw SqliteFailures.reading(name, failed);
        }
    }

    @Override
    public long vectorBytes(LayerName name) {
        Layer known = committed.peek(name);
        return LayerStore.vectorBytes(known != null ? known.features() : features(name));
    }

    private @Nullable Integer features(LayerName name) {
        try {
            return reading.with(connection -> LayerTable.features(connection, name));
        } catch (SQLException failed) {
            throw SqliteFailures.reading(name, failed);
        }
    }

    @Override
    public Optional<StepRecord> step(Layer layer, String key) {
        try {
            return Optional.ofNullable(
                    reading.with(connection ->
                            StepTable.find(connection, layer.name(), layer.incarnation(), key)));
        } catch (SQLException failed) {
            throw SqliteFailures.reading(layer.name(), failed);
        }
    }

    @Override
    public List<SnapshotSummary> snapshots(Layer layer) {
        try {
            return reading.with(connection -> SnapshotTable.list(connection, layer.incarnation()));
        } catch (SQLException failed) {
            throw SqliteFailures.reading(layer.name(), failed);
        }
    }

    @Override
    public Optional<Snapshot> snapshot(Layer layer, long id) {
        try {
            return Optional.ofNullable(
                    reading.with(connection ->
                            SnapshotTable.find(connection, layer.name(), layer.incarnation(), id)));
        } catch (SQLException failed) {
            throw SqliteFailures.reading(layer.name(), failed);
        }
    }

    @Override
    public List<LayerSummary> list(int limit, @Nullable LayerName after) {
        try {
            return reading.with(connection -> LayerListing.read(connection, limit, after));
        } catch (SQLException failed) {
            throw SqliteFailures.unavailable(failed);
        }
    }

    @Override
    public StorageUsage usage() {
        try {
            return reading.with(StoredBytesTable::sums);
        } catch (SQLException failed) {
            throw SqliteFailures.unavailable(failed);
        }
    }

    @Override
    public StoreSize size() {
        try {
            return reading.with(connection -> StoredBytesTable.size(connection, directory.bytes()));
        } catch (SQLException failed) {
            throw SqliteFailures.unavailable(failed);
        }
    }

    @Override
    public StoreConnections connections() {
        return reading.use();
    }

    @Override
    public byte[] secret() {
        return secret.clone();
    }

    /// Returns `STOPPED` after a commit with an unknown outcome.
    @Override
    public StoreState state() {
        CommitOutcomeUnknown failure = session.failure();
        return failure == null
                ? diskRoom.state()
                : new StoreState(
                        StoreState.Kind.STOPPED,
                        "a commit failed with an unknown outcome ("
                                + Causes.root(failure).getMessage()
                                + ")");
    }

    /// Returns the number of committed transactions; with many writers, far fewer than changes.
    public long commits() {
        return batch.commits();
    }

    /// Writes a consistent copy of all layers, keys and the secret, while the store is in use.
    ///
    /// @param target a file that does not exist
    /// @throws IOException when it exists or cannot be written
    public void backUp(Path target) throws IOException {
        Backup.write(database, target);
    }

    /// Opens the same copy as a stream. Its file exists until the stream is closed or the limit has
    /// passed, so there is one at a time.
    ///
    /// @param limit the maximum time until the last byte is read
    /// @throws StorageFull when the disk is full; no file is left
    /// @throws Overloaded while another backup is in progress
    public BackupStream backUp(Duration limit) throws IOException {
        if (!backups.tryAcquire()) {
            throw new Overloaded(
                    "another backup is being made or read; retry when it is complete", RETRY);
        }
        boolean opened = false;
        try {
            Path copy = directory.copy();
            Files.deleteIfExists(copy); // of a failed backup
            Backup.write(database, copy);
            long length = Files.size(copy);
            InputStream file = Files.newInputStream(copy, StandardOpenOption.DELETE_ON_CLOSE);
            opened = true;
            return new BackupStream(file, length, limit, backups::release);
        } finally {
            if (!opened) {
                backups.release();
            }
        }
    }

    /// Finishes accepted changes, rejects others, and releases the data directory.
    @Override
    public void close() {
        committer.close();
        reading.close();
        if (!committer.isDone()) {
            return; // the disk hangs; the lock stays until the process ends
        }
        try {
            writing.close();
        } catch (SQLException unimportant) {
            // The write-ahead log already has every acknowledged change.
        }
        directory.close();
    }
}
