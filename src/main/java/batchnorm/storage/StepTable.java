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
import org.jspecify.annotations.Nullable;

/// The table `steps`: what was done under idempotency keys.
final class StepTable {
    private static final String COLUMNS =
            "incarnation, idempotency_key, fingerprint, version, created_at, convention, config, batch_count,"
                    + " alpha, batches, context_id, gamma, beta, batch_mean, batch_var, running_mean,"
                    + " running_var, prior_mean, prior_var, checksum";
    static final String FIND =
            "SELECT " + COLUMNS + " FROM steps WHERE incarnation = ? AND idempotency_key = ?";
    private static final String INSERT =
            "INSERT INTO steps ("
                    + COLUMNS
                    + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

    private StepTable() {}

    /// @throws LayerCorrupt when the record cannot be trusted: neither repeating the step nor its
    ///   answer is right then
    static @Nullable StepRecord find(
            Connection connection, LayerName name, String incarnation, String key)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(FIND)) {
            statement.setString(1, incarnation);
            statement.setString(2, key);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? step(name, row) : null;
            }
        }
    }

    private static StepRecord step(LayerName name, ResultSet row) throws SQLException {
        RowReader reader = new RowReader(row);
        reader.text(); // the incarnation, which was asked for
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
        if (!reader.isSealed() || batchMean == null || batchVariance == null) {
            throw new LayerCorrupt(name, "the checksum of a recorded step does not match", null);
        }
        return new StepRecord(
                key,
                fingerprint,
                version,
                RowReader.time(createdAt),
                LayerTable.config(convention, config),
                LayerTable.parameters(gamma, beta),
                new BatchStatistics(
                        count, Vectors.values(batchMean), Vectors.values(batchVariance)),
                alpha,
                LayerTable.running(runningMean, runningVariance, batches),
                LayerTable.running(priorMean, priorVariance, batches),
                contextId);
    }

    /// Records the draft's steps. Their layer is there already.
    static void save(Connection connection, Draft draft) throws SQLException {
        Layer layer = draft.layer();
        if (layer == null || draft.steps().isEmpty()) {
            return;
        }
        try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
            for (StepRecord step : draft.steps()) {
                write(layer.incarnation(), step, new RowWriter(statement));
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    private static void write(String incarnation, StepRecord step, RowWriter writer)
            throws SQLException {
        RunningStatistics running = step.running();
        RunningStatistics prior = step.prior();
        writer.text(incarnation)
                .text(step.key())
                .text(step.fingerprint())
                .number(step.version())
                .time(step.createdAt())
                .text(step.config().convention().word())
                .text(ConfigText.write(step.config()))
                .number((long) step.batch().count())
                .real(step.alpha())
                .number(running == null ? null : running.batches())
                .text(step.contextId())
                .vector(step.parameters().gamma())
                .vector(step.parameters().beta())
                .vector(step.batch().mean())
                .vector(step.batch().variance())
                .vector(running == null ? null : running.mean())
                .vector(running == null ? null : running.variance())
                .laterVector(prior == null ? null : prior.mean())
                .laterVector(prior == null ? null : prior.variance())
                .seal();
    }

    /// Forgets old steps, at most as many as asked for: whoever records some and forgets twice as
    /// many keeps the table within its limits at a small and even cost. Ids grow with age, so only
    /// the oldest rows are looked at.
    ///
    /// @param lock for the rows that another replica may be forgetting too; empty where there is
    ///   none
    static void prune(Connection connection, KeyLimits limits, Instant now, int atMost, String lock)
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
