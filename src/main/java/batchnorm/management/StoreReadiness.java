package batchnorm.management;

import batchnorm.layer.StoreState;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/// Down while the store accepts no changes, with the reason. Part of the readiness probe, because
/// other replicas, or this one later, may accept them.
public final class StoreReadiness implements HealthIndicator {
    private final StoreMonitor store;

    public StoreReadiness(StoreMonitor store) {
        this.store = store;
    }

    @Override
    public Health health() {
        StoreState state = store.state();
        return state.isReady()
                ? Health.up().build()
                : Health.outOfService()
                        .withDetail("state", state.kind().word())
                        .withDetail("reason", state.reason())
                        .build();
    }
}
