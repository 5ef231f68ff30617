package batchnorm.storage;

import batchnorm.layer.Layer;
import batchnorm.layer.LayerCorrupt;
import batchnorm.layer.LayerName;
import batchnorm.layer.StepRecord;
import batchnorm.normalization.BatchStatistics;
import batchnorm.normalization.RunningStatistics;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The table `steps` of results recorded under idempotency keys.
///
/// Consecutive steps of a commit share the knobs and parameters of the first, which alone is stored
/// whole. The others store only their batch. Reading folds the batches into bitwise equal running
/// statistics. A commit of sixty steps takes a third of the bytes. [#follows] checks the
/// precondition.
final class StepTable {
    private static final String COLUMNS =
            "incarnation, idempotency_key, fingerprint, version, created_at, convention, config, batch_count,"
                    + " alpha, batches, context_id, gamma, beta, batch_mean, batch_var, running_mean,"
                    + " running_var, prior_mean, prior_var, base, checksum";
    static final String FIND =
            "SELECT id, base, version FROM steps WHERE incarnation = ? AND idempotency_key = ?";
    static final String WHOLE = "SELECT " + COLUMNS + " FROM steps WHERE id = ?";
    static final String FOLLOWING =
            "SELECT " + COLUMNS + " FROM steps WHERE base = ? AND version <= ? ORDER BY version";
    private static final String INSERT =
            "INSERT INTO steps ("
                    + COLUMNS
                    + ", bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    private static final String OLDEST = "SELECT id, bytes FROM steps ORDER BY id LIMIT 1000";

    private StepTable() {}

    /// @throws LayerCorrupt when the record is damaged: neither a repeated step nor its response
    ///   would be right
    static @Nullable StepRecord find(
            Connection connection, LayerName name, String incarnation, String key)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(FIND)) {
            statement.setString(1, incarnation);
            statement.setString(2, key);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    return null;
                }
                long id = row.getLong(1);
                long base = row.getLong(2);
                return row.wasNull()
                        ? whole(connection, name, id)
                        : following(connection, name, base, row.getLong(3));
            }
        }
    }

    private static @Nullable StepRecord whole(Connection connection, LayerName name, long id)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(WHOLE)) {
            statement.setLong(1, id);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? step(name, row, null) : null; // pruned concurrently
            }
        }
    }

    private static @Nullable StepRecord following(
            Connection connection, LayerName name, long base, long version) throws SQLException {
        StepRecord step = whole(connection, name, base);
        if (step == null) {
            return null;
        }
        try (PreparedStatement statement = connection.prepareStatement(FOLLOWING)) {
            statement.setLong(1, base);
            statement.setLong(2, version);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    step = step(name, row, step);
                }
            }
        }
        if (step.version() != version) {
            throw new LayerCorrupt(name, "recorded steps before this one are missing", null);
        }
        return step;
    }

    /// @param before the preceding step, or null for a step stored whole
    private static StepRecord step(LayerName name, ResultSet row, @Nullable StepRecord before)
            throws SQLException {
        RowReader reader = new RowReader(row);
        reader.text(); // the incarnation
        String key = reader.text();
        String fingerprint = reader.text();
        long version = reader.number();
        long createdAt = reader.number();
        String convention = reader.text();
        String config = reader.text();
        long count = reader.number();
        double alpha = reader.real();
        Long batches = reader.nullableNumber();
        String contextId = reader.nullableText();
        byte[] gamma = reader.bytes();
        byte[] beta = reader.bytes();
        byte[] batchMean = reader.bytes();
        byte[] batchVariance = reader.bytes();
        byte[] runningMean = reader.bytes();
        byte[] runningVariance = reader.bytes();
        byte[] priorMean = reader.laterBytes();
        byte[] priorVariance = reader.laterBytes();
        Long base = reader.laterNumber();
        if (!reader.isSealed() || batchMean == null || batchVariance == null) {
            throw new LayerCorrupt(name, "the checksum of a recorded step does not match", null);
        }
        if ((base == null) != (before == null)
                || (before != null && before.version() + 1 != version)) {
            throw new LayerCorrupt(name, "a recorded step does not follow the one before", null);
        }
        BatchStatistics batch =
                new BatchStatistics(
                        count, Vectors.values(batchMean), Vectors.values(batchVariance));
        return new StepRecord(
                key,
                fingerprint,
                version,
                RowReader.time(createdAt),
                before == null ? LayerTable.config(convention, config) : before.config(),
                before == null ? LayerTable.parameters(gamma, beta) : before.parameters(),
                batch,
                alpha,
                before == null
                        ? LayerTable.running(runningMean, runningVariance, batches)
                        : folded(before, batch),
                LayerTable.running(priorMean, priorVariance, batches),
                contextId);
    }

    /// Records the draft's steps, after its layer was saved.
    static void save(Connection connection, LayerUnitOfWork draft) throws SQLException {
        Layer layer = draft.layer();
        if (layer == null || draft.steps().isEmpty()) {
            return;
        }
        try (PreparedStatement whole = connection.prepareStatement(INSERT, new String[] {"id"});
                PreparedStatement following = connection.prepareStatement(INSERT)) {
            StepRecord before = null;
            long base = 0;
            for (StepRecord step : draft.steps()) {
                if (before != null && follows(before, step)) {
                    write(layer.incarnation(), step, base, new RowWriter(following));
                    following.addBatch();
                } else {
                    write(layer.incarnation(), step, null, new RowWriter(whole));
                    base = insert(whole);
                }
                before = step;
            }
            following.executeBatch();
        }
    }

    private static long insert(PreparedStatement statement) throws SQLException {
        statement.executeUpdate();
        try (ResultSet id = statement.getGeneratedKeys()) {
            id.next();
            return id.getLong(1);
        }
    }

    /// Returns whether folding a step's batch into the preceding step yields bitwise equal state.
    private static boolean follows(StepRecord before, StepRecord step) {
        RunningStatistics running = step.running();
        BatchStatistics batch = step.batch();
        if (running == null
                || before.running() == null
                || step.prior() != null
                || batch.count() != (long) batch.count() // weights; whole counts are stored
                || step.version() != before.version() + 1
                || step.parameters() != before.parameters() // training keeps the instance
                || !step.config().equals(before.config())) {
            return false;
        }
        RunningStatistics folded = folded(before, batch);
        return running.batches() == folded.batches()
                && Arrays.equals(running.mean(), folded.mean())
                && Arrays.equals(running.variance(), folded.variance());
    }

    private static RunningStatistics folded(StepRecord before, BatchStatistics batch) {
        return Objects.requireNonNull(before.running()).updated(batch, before.config());
    }

    /// @param base the row of the first step of the sequence; null for a step stored whole
    private static void write(
            String incarnation, StepRecord step, @Nullable Long base, RowWriter writer)
            throws SQLException {
        boolean whole = base == null;
        RunningStatistics running = whole ? step.running() : null;
        RunningStatistics prior = step.prior();
        writer.text(incarnation)
                .text(step.key())
                .text(step.fingerprint())
                .number(step.version())
                .time(step.createdAt())
                .text(whole ? step.config().convention().word() : "")
                .text(whole ? ConfigText.write(step.config()) : "")
                .number((long) step.batch().count())
                .real(step.alpha())
                .number(running == null ? null : running.batches())
                .text(step.contextId())
                .vector(whole ? step.parameters().gamma() : null)
                .vector(whole ? step.parameters().beta() : null)
                .vector(step.batch().mean())
                .vector(step.batch().variance())
                .vector(running == null ? null : running.mean())
                .vector(running == null ? null : running.variance())
                .laterVector(prior == null ? null : prior.mean())
                .laterVector(prior == null ? null : prior.variance())
                .laterNumber(base)
                .seal()
                .number((Long) RowBytes.of(step, whole));
    }

    /// @throws SessionFailure for a step whose record alone exceeds the bytes of all keys
    static void requireWithin(LayerUnitOfWork draft, KeyLimits limits) {
        for (StepRecord step : draft.steps()) {
            long bytes = RowBytes.of(step, true);
            if (bytes > limits.bytes()) {
                throw StoredBytesTable.exceeded(
                        "the record of this step would take "
                                + bytes
                                + " bytes, more than the "
                                + limits.bytes()
                                + " of BATCHNORM_MAX_KEY_BYTES for all idempotency keys; send the step"
                                + " without an Idempotency-Key, or raise it");
            }
        }
    }

    /// Deletes at most the given number of old steps. A caller that deletes twice as many as it
    /// records keeps the table within its limits at an even cost. Ids grow with age, so only the
    /// oldest rows are read. Steps that follow a deleted one are deleted with it.
    ///
    /// @param lock locks rows that another replica may delete; empty without replicas
    static void prune(Connection connection, KeyLimits limits, Instant now, int atMost, String lock)
            throws SQLException {
        pruneByAgeAndNumber(connection, limits, now, atMost, lock);
        long excess = StoredBytesTable.sums(connection).keyBytes() - limits.bytes();
        while (excess > 0 && deleteOldest(connection, excess)) {
            excess = StoredBytesTable.sums(connection).keyBytes() - limits.bytes();
        }
    }

    /// Deletes the oldest steps until enough bytes are freed, at most a thousand.
    ///
    /// @return whether any was deleted
    private static boolean deleteOldest(Connection connection, long excess) throws SQLException {
        long last = 0;
        try (PreparedStatement statement = connection.prepareStatement(OLDEST);
                ResultSet row = statement.executeQuery()) {
            for (long freed = 0; freed < excess && row.next(); freed += row.getLong(2)) {
                last = row.getLong(1);
            }
        }
        try (PreparedStatement delete =
                connection.prepareStatement("DELETE FROM steps WHERE id <= ?")) {
            delete.setLong(1, last);
            return delete.executeUpdate() > 0;
        }
    }

    private static void pruneByAgeAndNumber(
            Connection connection, KeyLimits limits, Instant now, int atMost, String lock)
            throws SQLException {
        String sql =
                "DELETE FROM steps WHERE id IN (SELECT id FROM steps ORDER BY id LIMIT ? "
                        + lock
                        + ") AND (created_at < ? OR id <= (SELECT max(id) FROM steps) - ?)";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            new RowWriter(statement)
                    .number((long) atMost)
                    .time(now.minus(limits.lifetime()))
                    .number(limits.number());
            statement.executeUpdate();
        }
    }
}
