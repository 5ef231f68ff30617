package batchnorm.management;

import batchnorm.layer.LayerStore;
import batchnorm.layer.StoreSize;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/// Metrics of the store's contents, its disk and its connections, and of the build.
public final class OperationMetrics {
    /// How long counts are reused; one scrape reads several of them.
    private static final Duration REUSED = Duration.ofSeconds(5);

    private final LayerStore store;
    private @Nullable StoreSize size;
    private long measuredAt;

    public OperationMetrics(LayerStore store) {
        this.store = store;
    }

    /// Registers the metrics.
    ///
    /// @param dataDirectory of an embedded store; null with a database server
    /// @param version of this program; null where it was not packaged
    public void register(
            MeterRegistry registry, @Nullable Path dataDirectory, @Nullable String version) {
        gauge(registry, "batchnorm.layers", "Layers", of -> of.size().layers());
        gauge(
                registry,
                "batchnorm.keys",
                "Steps recorded under idempotency keys",
                of -> of.size().keys());
        gauge(
                registry,
                "batchnorm.store.bytes",
                "Bytes of the store's files, or of its database",
                of -> of.size().bytes());
        gauge(
                registry,
                "batchnorm.store.connections.in.use",
                "Connections to the store that run a query",
                of -> of.store.connections().inUse());
        gauge(
                registry,
                "batchnorm.store.connections.idle",
                "Open connections to the store without a query",
                of -> of.store.connections().idle());
        gauge(
                registry,
                "batchnorm.store.connections.waiting",
                "Threads that wait for a connection to the store",
                of -> of.store.connections().waiting());
        if (dataDirectory != null) {
            Gauge.builder("batchnorm.data.free.bytes", dataDirectory.toFile(), File::getUsableSpace)
                    .description("Free bytes of the disk of the data directory")
                    .strongReference(true)
                    .register(registry);
        }
        Gauge.builder("batchnorm.build.info", () -> 1)
                .description("The version of the service and of its Java, as labels")
                .tag("version", version == null ? "unpackaged" : version)
                .tag("java", Runtime.version().toString())
                .register(registry);
    }

    private void gauge(
            MeterRegistry registry,
            String name,
            String description,
            ToDoubleFunction<OperationMetrics> value) {
        Gauge.builder(name, this, value).description(description).register(registry);
    }

    private synchronized StoreSize size() {
        long now = System.nanoTime();
        if (size == null || now - measuredAt > REUSED.toNanos()) {
            size = store.size();
            measuredAt = now;
        }
        return size;
    }
}
