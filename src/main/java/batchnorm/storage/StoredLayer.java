package batchnorm.storage;

import batchnorm.layer.Layer;
import batchnorm.layer.LayerCorrupt;
import batchnorm.layer.LayerName;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/// The stored state of a name: a layer, nothing, or damage.
record StoredLayer(@Nullable Layer layer, @Nullable LayerCorrupt damage) {
    static final StoredLayer NOTHING = new StoredLayer(null, null);

    static StoredLayer of(@Nullable Layer layer) {
        return layer == null ? NOTHING : new StoredLayer(layer, null);
    }

    /// Reads a row of the table `layers`.
    static StoredLayer of(LayerName name, ResultSet row) throws SQLException {
        try {
            return of(LayerTable.layer(name, new RowReader(row)));
        } catch (LayerCorrupt damage) {
            return new StoredLayer(null, damage);
        }
    }

    /// @throws LayerCorrupt when it is damaged
    @Nullable Layer readable() {
        if (damage != null) {
            throw damage;
        }
        return layer;
    }
}
