package batchnorm.management;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/// Down when the store accepts no more changes in this process. Part of the liveness probe, because
/// only a restart helps.
public final class StoreHealth implements HealthIndicator {
    private final StoreMonitor store;

    public StoreHealth(StoreMonitor store) {
        this.store = store;
    }

    @Override
    public Health health() {
        return store.isStopped() ? Health.down().build() : Health.up().build();
    }
}
