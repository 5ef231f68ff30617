package batchnorm.storage;

import batchnorm.layer.LayerCorrupt;
import batchnorm.layer.LayerName;
import batchnorm.layer.Snapshot;
import batchnorm.layer.SnapshotSummary;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The table `snapshots`: saved rows of `layers`.
final class SnapshotTable {
    private static final String COLUMNS = "id, label, taken_at, " + LayerTable.COLUMNS;
    static final String FIND =
            "SELECT " + COLUMNS + " FROM snapshots WHERE incarnation = ? AND id = ?";
    static final String LIST =
            "SELECT id, label, taken_at, version, features, batches FROM snapshots"
                    + " WHERE incarnation = ? ORDER BY id";
    static final String TAKEN = "SELECT snapshots_taken FROM layers WHERE incarnation = ?";
    private static final String COUNT =
            "UPDATE layers SET snapshots_taken = ? WHERE incarnation = ?";
    private static final String INSERT =
            "INSERT INTO snapshots ("
                    + COLUMNS
                    + ", bytes) VALUES (?, ?, ?, "
                    + LayerTable.PLACES
                    + ", ?)";
    private static final String DELETE = "DELETE FROM snapshots WHERE incarnation = ? AND id = ?";

    private SnapshotTable() {}

    /// @throws LayerCorrupt when the stored row is damaged
    static @Nullable Snapshot find(
            Connection connection, LayerName name, String incarnation, long id)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(FIND)) {
            new RowWriter(statement).text(incarnation).number(id);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? snapshot(name, new RowReader(row)) : null;
            }
        }
    }

    private static Snapshot snapshot(LayerName name, RowReader row) throws SQLException {
        long id = row.number();
        String label = row.nullableText();
        long takenAt = row.number();
        return new Snapshot(id, label, RowReader.time(takenAt), LayerTable.layer(name, row));
    }

    /// Returns the number of snapshots ever taken of a layer.
    static long taken(Connection connection, String incarnation) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(TAKEN)) {
            statement.setString(1, incarnation);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? row.getLong(1) : 0;
            }
        }
    }

    /// Returns the snapshots, oldest first, without reading vectors.
    static List<SnapshotSummary> list(Connection connection, String incarnation)
            throws SQLException {
        List<SnapshotSummary> snapshots = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(LIST)) {
            statement.setString(1, incarnation);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    snapshots.add(summary(new RowReader(row)));
                }
            }
        }
        return snapshots;
    }

    private static SnapshotSummary summary(RowReader row) throws SQLException {
        long id = row.number();
        String label = row.nullableText();
        long takenAt = row.number();
        long version = row.number();
        Long features = row.nullableNumber();
        return new SnapshotSummary(
                id,
                label,
                RowReader.time(takenAt),
                version,
                features == null ? null : features.intValue(),
                row.number());
    }

    /// Saves the draft's snapshots, after its layer was saved.
    static void save(Connection connection, LayerUnitOfWork draft) throws SQLException {
        SnapshotUnitOfWork snapshots = draft.snapshots();
        if (draft.layer() == null || snapshots == null || !snapshots.isChanged()) {
            return;
        }
        String incarnation = draft.layer().incarnation();
        try (PreparedStatement count = connection.prepareStatement(COUNT);
                PreparedStatement delete = connection.prepareStatement(DELETE);
                PreparedStatement insert = connection.prepareStatement(INSERT)) {
            new RowWriter(count).number(snapshots.taken()).text(incarnation);
            count.executeUpdate();
            for (long id : snapshots.dropped()) {
                new RowWriter(delete).text(incarnation).number(id);
                delete.executeUpdate();
            }
            for (Snapshot snapshot : snapshots.added()) {
                RowWriter writer = new RowWriter(insert);
                writer.number(snapshot.id()).text(snapshot.label()).time(snapshot.takenAt());
                LayerTable.write(snapshot.layer(), writer);
                writer.number((Long) RowBytes.of(snapshot.layer()));
                insert.executeUpdate();
            }
        }
    }
}
