package batchnorm.web.telemetry;

import batchnorm.layer.LayerName;
import batchnorm.layer.TrainResult;
import batchnorm.normalization.Drift;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/// Exports the drift ([Drift]) of the last batch from the running statistics as a metric.
///
/// Only the busiest layers have a gauge, because a series for every name would overload the
/// monitoring system. A new layer replaces the least busy one with probability 1/(its steps + 1).
/// The table thus follows the load and rarely changes.
@Component
public final class LayerDrift {
    private static final Logger LOG = LoggerFactory.getLogger(LayerDrift.class);
    static final int LAYERS = 20;
    private final MeterRegistry registry;
    private final DriftHistory history;
    private final Map<LayerName, Watched> busiest = new HashMap<>();

    LayerDrift(MeterRegistry registry, DriftHistory history) {
        this.registry = registry;
        this.history = history;
    }

    /// Records a durable step. Failures of the monitoring are logged, not thrown.
    public void observe(LayerName name, TrainResult trained) {
        try {
            record(name, trained);
        } catch (RuntimeException failure) {
            LOG.warn("the drift of a step was not recorded", failure);
        }
    }

    private void record(LayerName name, TrainResult trained) {
        if (trained.running() == null || trained.batch().isEmpty() || trained.replayed()) {
            return;
        }
        double drift = Drift.between(trained.batch(), trained.running());
        history.observe(trained, drift);
        synchronized (busiest) {
            Watched watched = busiest.get(name);
            if (watched == null) {
                watched = admit(name);
            }
            if (watched != null) {
                watched.steps++;
                watched.drift = drift;
            }
        }
    }

    private @Nullable Watched admit(LayerName name) {
        Watched admitted = new Watched();
        if (busiest.size() >= LAYERS) {
            Map.Entry<LayerName, Watched> least =
                    busiest.entrySet().stream()
                            .min(
                                    Map.Entry.comparingByValue(
                                            (a, b) -> Long.compare(a.steps, b.steps)))
                            .orElseThrow();
            admitted.steps = least.getValue().steps;
            if (ThreadLocalRandom.current().nextDouble() * (admitted.steps + 1) >= 1) {
                return null;
            }
            busiest.remove(least.getKey());
            if (least.getValue().gauge != null) {
                registry.remove(least.getValue().gauge);
            }
        }
        admitted.gauge =
                Gauge.builder("batchnorm.layer.drift", admitted, watched -> watched.drift)
                        .description(
                                "Distance of the last batch from the running mean, in deviations")
                        .tag("layer", name.toString())
                        .register(registry);
        busiest.put(name, admitted);
        return admitted;
    }

    private static final class Watched {
        private long steps;
        private volatile double drift;
        private @Nullable Meter gauge;
    }
}
