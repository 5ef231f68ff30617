package batchnorm.storage;

import batchnorm.layer.Layer;
import batchnorm.layer.LayerCorrupt;
import batchnorm.layer.LayerName;
import batchnorm.layer.OptimizerState;
import batchnorm.optimizer.Memory;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/// The table `optimizers`: the optimizer state of gamma and beta, one row per layer that ever
/// applied a gradient. Separate from `layers`, whose rows every training step writes.
final class OptimizerTable {
    private static final String COLUMNS =
            "incarnation, gamma_kind, gamma_steps, gamma_first, gamma_second, beta_kind, beta_steps,"
                    + " beta_first, beta_second, checksum";
    private static final String FIND =
            "SELECT " + COLUMNS + " FROM optimizers WHERE incarnation = ?";
    private static final String DELETE = "DELETE FROM optimizers WHERE incarnation = ?";
    private static final String INSERT =
            "INSERT INTO optimizers ("
                    + COLUMNS
                    + ", bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

    private OptimizerTable() {}

    /// @throws LayerCorrupt when the stored row is damaged: a step without it would differ
    static @Nullable OptimizerState find(Connection connection, LayerName name, String incarnation)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(FIND)) {
            statement.setString(1, incarnation);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? state(name, row) : null;
            }
        }
    }

    private static OptimizerState state(LayerName name, ResultSet row) throws SQLException {
        RowReader reader = new RowReader(row);
        reader.text(); // the incarnation
        Columns gamma = Columns.read(reader);
        Columns beta = Columns.read(reader);
        if (!reader.isSealed()) {
            throw new LayerCorrupt(
                    name, "the checksum of its optimizer state does not match", null);
        }
        return new OptimizerState(gamma.memory(), beta.memory());
    }

    /// The columns of an optimizer state, untrusted before the row's checksum is verified.
    private record Columns(
            @Nullable String kind,
            @Nullable Long steps,
            byte @Nullable [] first,
            byte @Nullable [] second) {

        static Columns read(RowReader reader) throws SQLException {
            return new Columns(
                    reader.nullableText(), reader.nullableNumber(), reader.bytes(), reader.bytes());
        }

        @Nullable Memory memory() {
            return kind == null || steps == null
                    ? null
                    : new Memory(
                            Memory.Kind.valueOf(kind),
                            steps,
                            Vectors.valuesOrNull(first),
                            Vectors.valuesOrNull(second));
        }
    }

    /// Saves the draft's optimizer state, after its layer was saved.
    ///
    /// @return whether it is the first state of the layer
    static boolean save(Connection connection, LayerUnitOfWork draft) throws SQLException {
        Layer layer = draft.layer();
        OptimizerState state = draft.optimizer();
        if (layer == null || state == null) {
            return false;
        }
        try (PreparedStatement delete = connection.prepareStatement(DELETE);
                PreparedStatement insert = connection.prepareStatement(INSERT)) {
            delete.setString(1, layer.incarnation());
            boolean first = delete.executeUpdate() == 0;
            RowWriter writer = new RowWriter(insert).text(layer.incarnation());
            write(state.gamma(), writer);
            write(state.beta(), writer);
            writer.seal().number((Long) RowBytes.of(state.gamma(), state.beta()));
            insert.executeUpdate();
            return first;
        }
    }

    private static void write(@Nullable Memory memory, RowWriter writer) throws SQLException {
        writer.text(memory == null ? null : memory.kind().name())
                .number(memory == null ? null : (Long) memory.steps())
                .vector(memory == null ? null : memory.first())
                .vector(memory == null ? null : memory.second());
    }
}
