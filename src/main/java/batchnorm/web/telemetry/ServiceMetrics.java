package batchnorm.web.telemetry;

import batchnorm.admission.AdmissionControl;
import batchnorm.layer.ContextBudgetExceeded;
import batchnorm.layer.ContextStore;
import batchnorm.layer.LayerStore;
import batchnorm.layer.Overloaded;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/// What the service tells of itself, beside what Spring Boot counts of every request.
@Component
public final class ServiceMetrics {
    private static final Logger LOG = LoggerFactory.getLogger(ServiceMetrics.class);

    private final MeterRegistry registry;
    private final Map<String, Phases> operations = new ConcurrentHashMap<>();
    private final Traces traces;
    private final Counter replayed;
    private final Counter contextsRefused;
    private final Counter shed;
    private final Counter http2Refused;

    ServiceMetrics(
            MeterRegistry registry,
            ContextStore contexts,
            LayerStore store,
            AdmissionControl admission,
            Traces traces) {
        this.registry = registry;
        this.traces = traces;
        replayed = counter("batchnorm.steps.replayed", "Steps answered again under their key");
        contextsRefused = counter("batchnorm.contexts.refused", "Contexts there was no room for");
        shed = counter("batchnorm.requests.shed", "Requests refused because too much waits");
        http2Refused =
                counter(
                        "batchnorm.connections.http2.refused",
                        "Connections closed because they began with HTTP/2, as gRPC clients do");
        gauge("batchnorm.contexts.held", "Contexts held", contexts, ContextStore::size);
        gauge(
                "batchnorm.contexts.promised.bytes",
                "Bytes of contexts that wait for their backward",
                contexts,
                ContextStore::promisedBytes);
        gauge(
                "batchnorm.bodies.in.flight.bytes",
                "Bytes that requests in work hold",
                admission,
                AdmissionControl::inFlightBytes);
        gauge(
                "batchnorm.bodies.waiting",
                "Requests that wait until there is memory for them",
                admission,
                AdmissionControl::waiting);
        gauge(
                "batchnorm.requests.computing",
                "Requests that want a processor",
                admission,
                AdmissionControl::computing);
        gauge(
                "batchnorm.requests.waiting",
                "Requests that wait for a place at the processors, or to be heard",
                admission,
                AdmissionControl::waitingToCompute);
        gauge(
                "batchnorm.commit.waiting",
                "Changes that wait to be committed",
                store,
                of -> of.activity().waiting());
        gauge(
                "batchnorm.stored.bytes",
                "Bytes of layers, snapshots and optimizers, of all replicas",
                store,
                of -> of.usage().registryBytes());
        gauge(
                "batchnorm.keys.bytes",
                "Bytes of the steps recorded under idempotency keys, of all replicas",
                store,
                of -> of.usage().keyBytes());
        total("batchnorm.commits", "Transactions", store, of -> of.activity().commits());
        total(
                "batchnorm.commit.changes",
                "Changes in them: more than one each is group commit",
                store,
                of -> of.activity().changes());
    }

    /// A response was encoded. The change behind it may be durable, so a failure of the monitoring
    /// is logged and not thrown.
    ///
    /// @param operation such as `forward-train`
    public void answered(String operation, ServerTiming timing, long elements) {
        try {
            record(operation, timing, elements);
        } catch (RuntimeException failure) {
            LOG.warn("a request was not measured", failure);
        }
    }

    private void record(String operation, ServerTiming timing, long elements) {
        operations
                .computeIfAbsent(operation, name -> new Phases(registry, name))
                .record(timing, elements);
        traces.phases(
                operation, timing.decode(), timing.compute(), timing.commit(), timing.encode());
    }

    public void replayed() {
        replayed.increment();
    }

    public void http2Refused() {
        http2Refused.increment();
    }

    public void refused(Exception exception) {
        switch (exception) {
            case ContextBudgetExceeded _ -> contextsRefused.increment();
            case Overloaded _ -> shed.increment();
            default -> {}
        }
    }

    private Counter counter(String name, String meaning) {
        return Counter.builder(name).description(meaning).register(registry);
    }

    private <T> void gauge(String name, String meaning, T of, ToDoubleFunction<T> value) {
        Gauge.builder(name, of, value).description(meaning).register(registry);
    }

    private <T> void total(String name, String meaning, T of, ToDoubleFunction<T> value) {
        FunctionCounter.builder(name, of, value).description(meaning).register(registry);
    }

    /// Where the time of one operation's requests goes.
    private static final class Phases {
        private final Timer decode;
        private final Timer compute;
        private final Timer commit;
        private final Timer encode;
        private final Counter elements;

        private Phases(MeterRegistry registry, String operation) {
            decode = timer(registry, operation, "decode");
            compute = timer(registry, operation, "compute");
            commit = timer(registry, operation, "commit");
            encode = timer(registry, operation, "encode");
            elements =
                    Counter.builder("batchnorm.elements")
                            .description("Numbers in the tensors of requests")
                            .tag("operation", operation)
                            .register(registry);
        }

        private static Timer timer(MeterRegistry registry, String operation, String phase) {
            return Timer.builder("batchnorm.phase")
                    .description("Where the time of requests goes")
                    .tag("operation", operation)
                    .tag("phase", phase)
                    .register(registry);
        }

        private void record(ServerTiming timing, long numbers) {
            decode.record(timing.decode(), TimeUnit.NANOSECONDS);
            compute.record(timing.compute(), TimeUnit.NANOSECONDS);
            commit.record(timing.commit(), TimeUnit.NANOSECONDS);
            encode.record(timing.encode(), TimeUnit.NANOSECONDS);
            elements.increment((double) numbers);
        }
    }
}
