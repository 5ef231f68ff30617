package batchnorm.management;

import batchnorm.layer.LayerStore;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/// Down while the store accepts no changes. Part of the readiness probe, because other replicas, or
/// this one later, may accept them.
public final class StoreReadiness implements HealthIndicator {
    private final LayerStore store;

    public StoreReadiness(LayerStore store) {
        this.store = store;
    }

    @Override
    public Health health() {
        return store.takesChanges() ? Health.up().build() : Health.outOfService().build();
    }
}
