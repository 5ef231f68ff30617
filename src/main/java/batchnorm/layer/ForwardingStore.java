package batchnorm.layer;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A store that delegates to another one, except for the methods that a subclass overrides.
public abstract class ForwardingStore implements LayerStore {
    private final LayerStore store;

    protected ForwardingStore(LayerStore store) {
        this.store = store;
    }

    @Override
    public <T extends @Nullable Object> T writeAll(
            Set<LayerName> names, Function<Transactions, T> work) {
        return store.writeAll(names, work);
    }

    @Override
    public Optional<Layer> read(LayerName name) {
        return store.read(name);
    }

    @Override
    public long vectorBytes(LayerName name) {
        return store.vectorBytes(name);
    }

    @Override
    public long bytesToRead(LayerName name) {
        return store.bytesToRead(name);
    }

    @Override
    public void announce(LayerName name, int features) {
        store.announce(name, features);
    }

    @Override
    public Optional<StepRecord> step(Layer layer, String key) {
        return store.step(layer, key);
    }

    @Override
    public List<SnapshotSummary> snapshots(Layer layer) {
        return store.snapshots(layer);
    }

    @Override
    public Optional<Snapshot> snapshot(Layer layer, long id) {
        return store.snapshot(layer, id);
    }

    @Override
    public List<LayerSummary> list(int limit, @Nullable LayerName after) {
        return store.list(limit, after);
    }

    @Override
    public StoreState state() {
        return store.state();
    }

    @Override
    public StoreActivity activity() {
        return store.activity();
    }

    @Override
    public StorageUsage usage() {
        return store.usage();
    }

    @Override
    public StoreSize size() {
        return store.size();
    }

    @Override
    public StoreConnections connections() {
        return store.connections();
    }

    @Override
    public byte[] secret() {
        return store.secret();
    }
}
