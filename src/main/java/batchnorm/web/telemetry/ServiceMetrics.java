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
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/// Service metrics in addition to Spring Boot's request metrics.
@Component
public final class ServiceMetrics {
    private static final Logger LOG = LoggerFactory.getLogger(ServiceMetrics.class);

    /// The time without a rejection after which an overload has ended.
    private static final Duration QUIET = Duration.ofSeconds(10);

    private final MeterRegistry registry;
    private final Map<String, Phases> operations = new ConcurrentHashMap<>();
    private final Traces traces;
    private final Counter replayed;
    private final Counter contextsRefused;
    private final Counter shed;
    private final Shedding shedding = new Shedding(QUIET);
    private final Counter http2Refused;

    ServiceMetrics(
            MeterRegistry registry,
            ContextStore contexts,
            LayerStore store,
            AdmissionControl admission,
            Traces traces) {
        this.registry = registry;
        this.traces = traces;
        replayed = counter("batchnorm.steps.replayed", "Steps replayed for a repeated key");
        contextsRefused =
                counter("batchnorm.contexts.refused", "Contexts rejected for lack of memory");
        shed = counter("batchnorm.requests.shed", "Requests rejected by overload");
        http2Refused =
                counter(
                        "batchnorm.connections.http2.refused",
                        "Connections closed because they began with HTTP/2, as gRPC clients do");
        gauge("batchnorm.contexts.held", "Contexts held", contexts, ContextStore::size);
        gauge(
                "batchnorm.contexts.promised.bytes",
                "Bytes of contexts that no backward has used",
                contexts,
                ContextStore::promisedBytes);
        gauge(
                "batchnorm.bodies.in.flight.bytes",
                "Bytes that in-flight requests hold",
                admission,
                AdmissionControl::inFlightBytes);
        gauge(
                "batchnorm.bodies.waiting",
                "Requests that wait for memory",
                admission,
                AdmissionControl::waiting);
        gauge(
                "batchnorm.requests.computing",
                "Requests that compute",
                admission,
                AdmissionControl::computing);
        gauge(
                "batchnorm.requests.waiting",
                "Requests that wait for a processor or to start",
                admission,
                AdmissionControl::waitingToCompute);
        gauge(
                "batchnorm.commit.waiting",
                "Changes that wait to be committed",
                store,
                of -> of.activity().waiting());
        gauge(
                "batchnorm.stored.bytes",
                "Bytes of layers, snapshots and optimizers of all replicas",
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
                "Committed changes; more than one per transaction is group commit",
                store,
                of -> of.activity().changes());
    }

    /// Records a successful response. Failures of the monitoring are logged and not thrown, because
    /// the change may be durable.
    ///
    /// @param operation such as `forward-train`
    public void succeeded(String operation, ServerTiming timing, long elements) {
        try {
            record(operation, timing, elements);
        } catch (RuntimeException failure) {
            LOG.warn("a request was not recorded", failure);
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

    public void rejected(Exception exception) {
        switch (exception) {
            case ContextBudgetExceeded _ -> contextsRefused.increment();
            case Overloaded overloaded -> {
                shed.increment();
                if (overloaded.getCause() == null) { // else the store is the cause
                    shedding.rejected(String.valueOf(overloaded.getMessage()));
                }
            }
            default -> {}
        }
    }

    private Counter counter(String name, String description) {
        return Counter.builder(name).description(description).register(registry);
    }

    private <T> void gauge(String name, String description, T of, ToDoubleFunction<T> value) {
        Gauge.builder(name, of, value).description(description).register(registry);
    }

    private <T> void total(String name, String description, T of, ToDoubleFunction<T> value) {
        FunctionCounter.builder(name, of, value).description(description).register(registry);
    }

    /// The phases of one operation's requests.
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
                    .description("Duration of the phases of requests")
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
