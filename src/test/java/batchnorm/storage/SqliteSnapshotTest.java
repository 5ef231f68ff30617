package batchnorm.storage;

import batchnorm.layer.LayerStore;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqliteSnapshotTest extends SnapshotContract {
    @TempDir Path directory;

    @Override
    LayerStore open() {
        return new SqliteLayerStore(
                new SqliteSettings(directory, 1 << 20, 2, WriteLimits.DEFAULT, KeyLimits.DEFAULT),
                Samples.CLOCK);
    }

    @Override
    void close(LayerStore store) {
        ((SqliteLayerStore) store).close();
    }
}
