package batchnorm.service.management;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.service.Client;
import batchnorm.service.ServiceUnderTest;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Tests a monitoring library that fails while it observes a step that is already durable.
@Tag("fault")
class MonitoringFailureTest {
    /// The step is already durable.
    @Test
    void aMetricThatFailsDoesNotFailTheStep() throws IOException {
        try (ServiceUnderTest service = new ServiceUnderTest()) {
            planted(service, service.client());
        }
    }

    private static void planted(ServiceUnderTest service, Client client) throws IOException {
        AtomicBoolean fails = new AtomicBoolean(true);
        List<Meter.Id> failed = new ArrayList<>();
        MeterRegistry registry = service.application().getBean(MeterRegistry.class);
        registry.config()
                .onMeterAdded(meter -> {
                    if (fails.get() && meter.getId().getName().equals("batchnorm.layer.drift")) {
                        failed.add(meter.getId());
                        throw new IllegalStateException("planted");
                    }
                });
        // Any of the first layers may be among those whose drift is a metric.
        try {
            for (int i = 0; i < 100 && failed.isEmpty(); i++) {
                client.post(
                                client.layer("\"features\": 2") + "/forward-train",
                                "{\"input\": [[1, 2], [3, 4]], \"save_context\": false}")
                        .expect(200);
            }
        } finally {
            fails.set(false);
        }
        assertThat(failed).hasSize(1);
    }
}
