package batchnorm.storage;

import batchnorm.layer.LayerStore;

class PostgresSnapshotTest extends SnapshotContract {
    private final String database = PostgresServer.newDatabase();

    @Override
    LayerStore open() {
        return PostgresServer.open(PostgresServer.url(database));
    }

    @Override
    void close(LayerStore store) {
        ((PostgresLayerStore) store).close();
    }
}
