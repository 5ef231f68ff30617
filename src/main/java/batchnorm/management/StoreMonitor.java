package batchnorm.management;

import batchnorm.layer.ForwardingStore;
import batchnorm.layer.Layer;
import batchnorm.layer.LayerCorrupt;
import batchnorm.layer.LayerName;
import batchnorm.layer.LayerStore;
import batchnorm.layer.LayerSummary;
import batchnorm.layer.Snapshot;
import batchnorm.layer.SnapshotSummary;
import batchnorm.layer.StepRecord;
import batchnorm.layer.StorageUsage;
import batchnorm.layer.StoreSize;
import batchnorm.layer.StoreState;
import batchnorm.layer.StoreState.Kind;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A store that observes another one. Its state includes recent failures. It logs each change of
/// the state, and each damaged layer, once.
///
/// The state is checked every second, and at once after a failure.
public final class StoreMonitor extends ForwardingStore implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StoreMonitor.class);
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    /// Bounds the damaged layers that are logged, and remembered as logged.
    private static final int MAX_DAMAGED = 1000;

    private final RecentFailure failures = new RecentFailure(System::nanoTime);
    private final Set<String> damaged = ConcurrentHashMap.newKeySet();
    private final Semaphore wakeUp = new Semaphore(0);
    private final StoppedExit exit;
    private volatile boolean closed;
    private volatile StoreState known = StoreState.READY;
    private long since = System.nanoTime();

    /// @param exit ends the process when the store has stopped
    public StoreMonitor(LayerStore store, StoppedExit exit, MeterRegistry registry) {
        super(store);
        this.exit = exit;
        for (Kind kind : Kind.values()) {
            if (kind != Kind.READY) {
                Gauge.builder("batchnorm.store.ready", this, of -> of.known.kind() == kind ? 0 : 1)
                        .description("0 while the store rejects changes for this reason")
                        .tag("reason", kind.word())
                        .register(registry);
            }
        }
        Thread.ofVirtual().name("store-monitor").start(this::checkUntilClosed);
    }

    /// Returns whether only a restart of the process helps, without a query.
    boolean isStopped() {
        return known.kind() == Kind.STOPPED
                || failures.state(activity().commits()).kind() == Kind.STOPPED;
    }

    @Override
    public StoreState state() {
        StoreState now = super.state();
        return now.isReady() ? failures.state(activity().commits()) : now;
    }

    @Override
    public <T extends @Nullable Object> T writeAll(
            Set<LayerName> names, Function<Transactions, T> work) {
        try {
            return super.writeAll(names, work);
        } catch (RuntimeException failure) {
            observe(failure, false);
            throw failure;
        }
    }

    @Override
    public Optional<Layer> read(LayerName name) {
        return observed(() -> super.read(name));
    }

    @Override
    public long vectorBytes(LayerName name) {
        return observed(() -> super.vectorBytes(name));
    }

    @Override
    public long bytesToRead(LayerName name) {
        return observed(() -> super.bytesToRead(name));
    }

    @Override
    public Optional<StepRecord> step(Layer layer, String key) {
        return observed(() -> super.step(layer, key));
    }

    @Override
    public List<SnapshotSummary> snapshots(Layer layer) {
        return observed(() -> super.snapshots(layer));
    }

    @Override
    public Optional<Snapshot> snapshot(Layer layer, long id) {
        return observed(() -> super.snapshot(layer, id));
    }

    @Override
    public List<LayerSummary> list(int limit, @Nullable LayerName after) {
        return observed(() -> super.list(limit, after));
    }

    @Override
    public StorageUsage usage() {
        return observed(super::usage);
    }

    @Override
    public StoreSize size() {
        return observed(super::size);
    }

    private <T> T observed(Supplier<T> read) {
        try {
            T result = read.get();
            failures.readSucceeded();
            return result;
        } catch (RuntimeException failure) {
            observe(failure, true);
            throw failure;
        }
    }

    private void observe(RuntimeException exception, boolean ofRead) {
        if (exception instanceof LayerCorrupt damage) {
            logDamage(damage);
        } else if (failures.record(exception, ofRead, activity().commits())) {
            wakeUp.release();
        }
    }

    private void logDamage(LayerCorrupt damage) {
        if (damaged.size() < MAX_DAMAGED && damaged.add(damage.layer())) {
            LOG.atError()
                    .addKeyValue("event", "layer-damaged")
                    .addKeyValue("layer", damage.layer())
                    .log("{}", damage.getMessage());
        }
    }

    private void checkUntilClosed() {
        try {
            while (!closed) {
                check();
                wakeUp.tryAcquire(INTERVAL.toNanos(), TimeUnit.NANOSECONDS);
                wakeUp.drainPermits();
            }
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
    }

    private void check() {
        try {
            StoreState failed = failures.takeUnreported();
            StoreState now = state();
            if (now.isReady() && failed != null) {
                report(failed); // the failure is over already
            }
            report(now);
            exit.check(now.kind() == Kind.STOPPED);
        } catch (RuntimeException failure) {
            LOG.warn("the state of the store cannot be checked", failure);
        }
    }

    private void report(StoreState next) {
        StoreState before = known;
        known = next;
        if (next.kind() == before.kind() || closed) {
            return;
        }
        if (before.isReady()) {
            since = System.nanoTime();
        }
        String event = "store-" + next.kind().word();
        if (next.isReady()) {
            String seconds =
                    String.format(Locale.ROOT, "%.1f", (double) (System.nanoTime() - since) / 1e9);
            LOG.atInfo()
                    .addKeyValue("event", event)
                    .log(
                            "the store accepts changes again, after {} s; it was {}: {}",
                            seconds,
                            before.kind().word(),
                            before.reason());
            return;
        }
        (next.kind() == Kind.STOPPED ? LOG.atError() : LOG.atWarn())
                .addKeyValue("event", event)
                .addKeyValue("reason", next.reason())
                .log("the store is {}: {}", sentence(next.kind()), next.reason());
    }

    private static String sentence(Kind kind) {
        return switch (kind) {
            case READY -> "ready";
            case FULL -> "full, so changes that need space are rejected and reads go on";
            case READ_ONLY -> "read-only, so changes are rejected and reads go on";
            case DAMAGED -> "damaged, so requests that need the damaged bytes are rejected";
            case UNAVAILABLE -> "unavailable, so requests are rejected";
            case STOPPED -> "stopped, so changes are rejected until a restart and reads go on";
        };
    }

    /// Stops the checks, and not the observed store.
    @Override
    public void close() {
        closed = true;
        wakeUp.release();
    }
}
