package batchnorm.storage;

import batchnorm.layer.Layer;
import batchnorm.layer.StorageQuotaExceeded;
import batchnorm.layer.StorageUsage;
import batchnorm.layer.StoreSize;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;

/// The table `stored_bytes` of sums maintained by triggers.
final class StoredBytesTable {
    static final String SUMS =
            "SELECT coalesce(sum(registry), 0), coalesce(sum(keys), 0) FROM stored_bytes";
    static final String OF_LAYER =
            "SELECT bytes + (SELECT coalesce(sum(bytes), 0) FROM snapshots WHERE incarnation = ?)"
                    + " + (SELECT coalesce(sum(bytes), 0) FROM optimizers WHERE incarnation = ?)"
                    + " FROM layers WHERE incarnation = ?";

    static final String COUNTS =
            "SELECT (SELECT count(*) FROM layers), (SELECT count(*) FROM steps)";

    private StoredBytesTable() {}

    static StorageUsage sums(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(SUMS);
                ResultSet row = statement.executeQuery()) {
            row.next();
            return new StorageUsage(row.getLong(1), row.getLong(2));
        }
    }

    /// Counts layers and recorded steps.
    ///
    /// @param bytes of the store
    static StoreSize size(Connection connection, long bytes) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(COUNTS);
                ResultSet row = statement.executeQuery()) {
            row.next();
            return new StoreSize(row.getLong(1), row.getLong(2), bytes);
        }
    }

    /// Checks growing drafts after they were saved and before the commit.
    ///
    /// @throws SessionFailure when they exceed a quota
    static void requireWithin(
            Connection connection, Collection<LayerUnitOfWork> drafts, StorageQuota quota)
            throws SQLException {
        long total = sums(connection).registryBytes();
        if (total > quota.total()) {
            throw exceeded(
                    "all layers and snapshots would take "
                            + total
                            + " bytes, more than the "
                            + quota.total()
                            + " of BATCHNORM_MAX_STORED_BYTES; delete layers or snapshots, or raise it");
        }
        for (LayerUnitOfWork draft : drafts) {
            Layer layer = draft.layer();
            long bytes = layer == null ? 0 : ofLayer(connection, layer.incarnation());
            if (bytes > quota.perLayer()) {
                throw exceeded(
                        "the layer \""
                                + draft.name()
                                + "\" with its snapshots would take "
                                + bytes
                                + " bytes, more than the "
                                + quota.perLayer()
                                + " of BATCHNORM_MAX_LAYER_BYTES; delete snapshots, or raise it");
            }
        }
    }

    private static long ofLayer(Connection connection, String incarnation) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(OF_LAYER)) {
            new RowWriter(statement).text(incarnation).text(incarnation).text(incarnation);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? row.getLong(1) : 0;
            }
        }
    }

    /// Returns a failure after which each work of the batch is tried alone; some need no more
    /// bytes.
    static SessionFailure exceeded(String message) {
        return new SessionFailure(
                SessionFailure.Remedy.SEPARATE,
                new StorageQuotaExceeded(message + "; nothing was changed, and reads go on"));
    }
}
