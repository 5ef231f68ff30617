package batchnorm.storage;

import batchnorm.layer.LayerName;
import batchnorm.layer.LayerSummary;
import batchnorm.normalization.Convention;
import batchnorm.normalization.InvalidConfig;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A page of the table `layers`, read along its primary key without vectors.
final class LayerListing {
    static final String SELECT =
            "SELECT name, convention, features, batches, version, updated_at FROM layers"
                    + " WHERE name > ? ORDER BY name LIMIT ?";

    private final int limit;
    private final List<LayerSummary> layers = new ArrayList<>();

    private LayerListing(int limit) {
        this.limit = limit;
    }

    static List<LayerSummary> read(Connection connection, int limit, @Nullable LayerName after)
            throws SQLException {
        LayerListing page = new LayerListing(limit);
        String last = after == null ? "" : after.value();
        while (last != null) {
            last = page.append(connection, last);
        }
        return page.layers;
    }

    /// Appends the rows after a name. Skips unreadable rows and reads others in their place,
    /// because an incomplete page is the last one.
    ///
    /// @return the name to continue from, or null when the page is full or the table has ended
    private @Nullable String append(Connection connection, String after) throws SQLException {
        int missing = limit - layers.size();
        try (PreparedStatement statement = connection.prepareStatement(SELECT)) {
            statement.setString(1, after);
            statement.setInt(2, missing);
            String last = after;
            int rows = 0;
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    rows++;
                    last = row.getString(1);
                    add(row);
                }
            }
            return rows < missing || layers.size() == limit ? null : last;
        }
    }

    private void add(ResultSet row) throws SQLException {
        RowReader reader = new RowReader(row);
        try {
            LayerName name = new LayerName(reader.text());
            Convention convention = Convention.parse(reader.text());
            Long features = reader.nullableNumber();
            layers.add(
                    new LayerSummary(
                            name,
                            convention,
                            features == null ? null : features.intValue(),
                            reader.number(),
                            reader.number(),
                            RowReader.time(reader.number())));
        } catch (LayerName.InvalidName | InvalidConfig damaged) {
            // Reading this layer by name fails; the other layers are listed.
        }
    }
}
