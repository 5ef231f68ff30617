package batchnorm.layer;

import batchnorm.kernel.ScalarKernel;
import batchnorm.normalization.BatchNormalization;
import batchnorm.normalization.Config;
import batchnorm.normalization.Convention;
import batchnorm.storage.SqliteLayerStore;
import batchnorm.storage.SqliteSettings;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.function.UnaryOperator;

/// A registry over the real store and operator, with a clock controlled by the test.
final class Registry implements AutoCloseable {
    static final Instant START = Instant.parse("2026-11-26T00:00:00Z");
    static final LayerName NAME = new LayerName("demo");
    static final Config PYTORCH = Convention.PYTORCH.config();

    /// Two channels: means 3 and 4, variances 8/3, or 4 unbiased.
    static final Tensor BATCH = Tensor.of(Shape.of(3, 2), 1.0, 2.0, 3.0, 4.0, 5.0, 6.0);

    Instant now = START;
    final SqliteLayerStore store;
    final ContextStore contexts;
    final Layers layers;
    final BatchNormalization operator = new BatchNormalization(new ScalarKernel());
    final Passes passes;

    Registry(Path directory) {
        store = new SqliteLayerStore(SqliteSettings.in(directory), () -> now);
        contexts =
                new ContextStore(
                        1 << 20,
                        Duration.ofMinutes(1),
                        () -> now,
                        new Replica("here", store.secret()));
        layers = new Layers(store, contexts, () -> now);
        passes = new Passes(layers, store, contexts, operator);
    }

    @Override
    public void close() {
        store.close();
    }

    static LayerPatch unchanged() {
        return new LayerPatch(UnaryOperator.identity());
    }

    static LayerPatch features(int count) {
        return unchanged().withFeatures(count);
    }

    static NewLayer plain(String name) {
        return new NewLayer(new LayerName(name), PYTORCH, unchanged());
    }

    /// Damages a layer in a closed store.
    static void damage(Path directory, LayerName name) throws SQLException {
        String file = "jdbc:sqlite:" + directory.resolve("batchnorm.db");
        try (Connection connection = DriverManager.getConnection(file);
                PreparedStatement update =
                        connection.prepareStatement(
                                "UPDATE layers SET running_mean = x'80' WHERE name = ?")) {
            update.setString(1, name.value());
            update.executeUpdate();
        }
    }
}
