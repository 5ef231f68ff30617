package batchnorm.management;

import batchnorm.layer.LayerStore;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/// Down when the store accepts no more changes in this process. Part of the liveness probe, because
/// only a restart helps.
public final class StoreHealth implements HealthIndicator {
    private final LayerStore store;

    public StoreHealth(LayerStore store) {
        this.store = store;
    }

    @Override
    public Health health() {
        return store.isUsable() ? Health.up().build() : Health.down().build();
    }
}
