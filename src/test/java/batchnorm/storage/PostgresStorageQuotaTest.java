package batchnorm.storage;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.layer.LayerStore;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class PostgresStorageQuotaTest extends StorageQuotaContract {
    private final String database = PostgresServer.newDatabase();

    @Override
    LayerStore open(KeyLimits keys, StorageQuota quota) {
        return new PostgresLayerStore(
                PostgresServer.settings(PostgresServer.url(database), keys, Duration.ofSeconds(10))
                        .with(quota),
                Samples.CLOCK);
    }

    @Override
    void close(LayerStore store) {
        ((PostgresLayerStore) store).close();
    }

    @Test
    void replicasCountTogether() {
        LayerStore one = open(KeyLimits.DEFAULT, StorageQuota.DEFAULT);
        LayerStore two = open(KeyLimits.DEFAULT, StorageQuota.DEFAULT);
        try {
            Samples.create(one, Samples.layer(Samples.name("one"), 64));
            Samples.create(two, Samples.layer(Samples.name("two"), 64));
            assertThat(one.usage().registryBytes()).isEqualTo(2 * 2560);
            assertThat(two.usage()).isEqualTo(one.usage());
        } finally {
            close(one);
            close(two);
        }
    }
}
