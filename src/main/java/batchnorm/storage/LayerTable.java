package batchnorm.storage;

import batchnorm.layer.Layer;
import batchnorm.layer.LayerCorrupt;
import batchnorm.layer.LayerName;
import batchnorm.normalization.Config;
import batchnorm.normalization.Convention;
import batchnorm.normalization.Parameters;
import batchnorm.normalization.RunningStatistics;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/// The table `layers`, one row per layer.
final class LayerTable {
    static final String COLUMNS =
            "name, incarnation, version, created_at, updated_at, convention, features, batches, config,"
                    + " gamma, beta, running_mean, running_var, checksum";
    static final String PLACES = "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?";

    static final String FIND = "SELECT " + COLUMNS + " FROM layers WHERE name = ?";
    private static final String FEATURES = "SELECT features FROM layers WHERE name = ?";
    private static final String LOCK =
            "SELECT " + COLUMNS + " FROM layers WHERE name = ANY (?) ORDER BY name FOR UPDATE";
    private static final String IS_CURRENT =
            "SELECT 1 FROM layers WHERE name = ? AND incarnation = ? AND version = ?";
    private static final String INSERT =
            "INSERT INTO layers ("
                    + COLUMNS
                    + ", bytes) VALUES ("
                    + PLACES
                    + ", ?) ON CONFLICT DO NOTHING";
    private static final String UPDATE =
            "UPDATE layers SET ("
                    + COLUMNS
                    + ") = ("
                    + PLACES
                    + ") WHERE name = ? AND incarnation = ? AND version = ?";
    private static final String RESIZE = "UPDATE layers SET bytes = ? WHERE name = ?";
    private static final String DELETE = "DELETE FROM layers WHERE name = ?";

    private LayerTable() {}

    /// @throws LayerCorrupt when the stored row is damaged
    static @Nullable Layer find(Connection connection, LayerName name) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(FIND)) {
            statement.setString(1, name.value());
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? layer(name, new RowReader(row)) : null;
            }
        }
    }

    /// Returns the number of features without reading vectors; null if there is no layer or it is
    /// undecided.
    static @Nullable Integer features(Connection connection, LayerName name) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(FEATURES)) {
            statement.setString(1, name.value());
            try (ResultSet row = statement.executeQuery()) {
                int features = row.next() ? row.getInt(1) : 0;
                return features == 0 ? null : features;
            }
        }
    }

    /// Returns and locks the rows of these names until the transaction ends. Locking in name order
    /// prevents deadlocks. PostgreSQL only.
    static Map<LayerName, StoredLayer> lock(Connection connection, SortedSet<LayerName> names)
            throws SQLException {
        Object[] requested = names.stream().map(LayerName::value).toArray();
        Map<LayerName, StoredLayer> stored = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(LOCK)) {
            statement.setArray(1, connection.createArrayOf("text", requested));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    LayerName name = new LayerName(row.getString(1));
                    stored.put(name, StoredLayer.of(name, row));
                }
            }
        }
        return stored;
    }

    /// Returns whether the store has this version, without reading vectors.
    static boolean isCurrent(Connection connection, Layer layer) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(IS_CURRENT)) {
            statement.setString(1, layer.name().value());
            statement.setString(2, layer.incarnation());
            statement.setLong(3, layer.version());
            try (ResultSet row = statement.executeQuery()) {
                return row.next();
            }
        }
    }

    /// Reads a layer from the next columns, [#COLUMNS], the last of the row.
    ///
    /// @throws LayerCorrupt when the checksum or a value is wrong
    static Layer layer(LayerName name, RowReader reader) throws SQLException {
        String storedName = reader.text();
        String incarnation = reader.text();
        long version = reader.number();
        long createdAt = reader.number();
        long updatedAt = reader.number();
        String convention = reader.text();
        Long features = reader.nullableNumber();
        Long batches = reader.nullableNumber();
        String config = reader.text();
        // Converting each column before reading the next holds the bytes of one column at a time.
        double[] gamma = Vectors.valuesOrNull(reader.bytes());
        double[] beta = Vectors.valuesOrNull(reader.bytes());
        double[] mean = Vectors.valuesOrNull(reader.bytes());
        double[] variance = Vectors.valuesOrNull(reader.bytes());
        if (!reader.isSealed() || !storedName.equals(name.value())) {
            throw new LayerCorrupt(name, "its checksum does not match", null);
        }
        try {
            return new Layer(
                    name,
                    incarnation,
                    version,
                    RowReader.time(createdAt),
                    RowReader.time(updatedAt),
                    config(convention, config),
                    features == null ? null : features.intValue(),
                    features == null ? null : new Parameters(gamma, beta),
                    mean == null || variance == null || batches == null
                            ? null
                            : new RunningStatistics(mean, variance, batches));
        } catch (RuntimeException unknown) {
            throw new LayerCorrupt(name, "this version of the program cannot read it", unknown);
        }
    }

    static Config config(String convention, String config) {
        return ConfigText.read(Convention.parse(convention), config);
    }

    static Parameters parameters(byte @Nullable [] gamma, byte @Nullable [] beta) {
        return new Parameters(Vectors.valuesOrNull(gamma), Vectors.valuesOrNull(beta));
    }

    static @Nullable RunningStatistics running(
            byte @Nullable [] mean, byte @Nullable [] variance, @Nullable Long batches) {
        return mean == null || variance == null || batches == null
                ? null
                : new RunningStatistics(Vectors.values(mean), Vectors.values(variance), batches);
    }

    /// Saves the draft's layer.
    ///
    /// @return false when the row has changed since the draft began
    static boolean save(Connection connection, LayerUnitOfWork draft) throws SQLException {
        if (draft.replaced()) {
            delete(connection, draft.name());
        }
        Layer next = draft.layer();
        if (next == null) {
            return true;
        }
        Layer before = draft.replaced() ? null : draft.before();
        String sql = before == null ? INSERT : UPDATE;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            RowWriter writer = new RowWriter(statement);
            write(next, writer);
            if (before == null) {
                writer.number((Long) RowBytes.of(next));
            } else {
                writer.text(before.name().value());
                writer.text(before.incarnation());
                writer.number(before.version());
            }
            if (statement.executeUpdate() != 1) {
                return false;
            }
        }
        if (before != null && RowBytes.of(before) != RowBytes.of(next)) {
            resize(connection, next);
        }
        return true;
    }

    /// Separate from the update of a training step, which keeps the size.
    private static void resize(Connection connection, Layer layer) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(RESIZE)) {
            new RowWriter(statement).number((Long) RowBytes.of(layer)).text(layer.name().value());
            statement.executeUpdate();
        }
    }

    /// Sets [#COLUMNS], ending with the checksum.
    static void write(Layer layer, RowWriter writer) throws SQLException {
        Parameters parameters = layer.parameters();
        RunningStatistics running = layer.running();
        writer.text(layer.name().value())
                .text(layer.incarnation())
                .number(layer.version())
                .time(layer.createdAt())
                .time(layer.updatedAt())
                .text(layer.config().convention().word())
                .number(layer.features() == null ? null : layer.features().longValue())
                .number(running == null ? null : running.batches())
                .text(ConfigText.write(layer.config()))
                .vector(parameters == null ? null : parameters.gamma())
                .vector(parameters == null ? null : parameters.beta())
                .vector(running == null ? null : running.mean())
                .vector(running == null ? null : running.variance())
                .seal();
    }

    /// Deletes the row and, by cascade, the layer's steps.
    private static void delete(Connection connection, LayerName name) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(DELETE)) {
            statement.setString(1, name.value());
            statement.executeUpdate();
        }
    }
}
