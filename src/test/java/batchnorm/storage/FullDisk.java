package batchnorm.storage;

import batchnorm.layer.LayerStore;
import java.sql.SQLException;
import java.sql.Statement;

/// Simulates a full disk with SQLite's page limit, which fails in the same way.
public final class FullDisk {
    private FullDisk() {}

    /// @param store an embedded one
    public static void under(LayerStore store) throws SQLException {
        limitPages(store, 1); // SQLite raises it to the pages in use
    }

    public static void emptied(LayerStore store) throws SQLException {
        limitPages(store, 1_000_000);
    }

    private static void limitPages(LayerStore store, long pages) throws SQLException {
        try (Statement statement = ((SqliteLayerStore) store).writing.createStatement()) {
            statement.execute("PRAGMA max_page_count = " + pages);
        }
    }
}
