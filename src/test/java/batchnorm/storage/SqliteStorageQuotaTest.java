package batchnorm.storage;

import batchnorm.layer.LayerStore;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqliteStorageQuotaTest extends StorageQuotaContract {
    @TempDir Path directory;

    @Override
    LayerStore open(KeyLimits keys, StorageQuota quota) {
        return new SqliteLayerStore(
                SqliteSettings.in(directory).with(keys).with(quota), Samples.CLOCK);
    }

    @Override
    void close(LayerStore store) {
        ((SqliteLayerStore) store).close();
    }
}
